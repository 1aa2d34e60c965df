/**
 * Runs a stack over an image from the top to the bottom, keeping three rows of each layer: memory grows with the
 * image's width only.
 */

import type { Convolution, Stack } from "../../networks/network";
import { Kernels } from "./kernels";
import { GROUP, packedFloats, packedPairs, padded, rounded } from "./packed";

/** Pixels that a kernel computes together. */
const BLOCK = 4;
const KEPT = 3;

interface Layer {
  convolution: Convolution;
  /** Channels of its input in memory. */
  stored: number;
  /** Bytes of one pixel of it. */
  pixel: number;
  weights: number;
  scale: number;
  bias: number;
  outputs: number;
  /** Its input's latest rows; each begins with a pixel of zeros left of the image. */
  rows: number[];
}

export class Stream {
  private layers: Layer[] = [];
  private zeros = 0;
  private table = 0;
  /** A row of floats that is yet to become levels. */
  private raw = 0;
  private change = 0;
  private pixels = 0;
  private height = 0;
  private blocks = 0;

  /** `width`: that of the image in 2x2 blocks. */
  constructor(
    private readonly kernels: Kernels,
    stack: Stack,
    private readonly width: number,
  ) {
    this.kernels.reset();
    this.blocks = Math.ceil(width / BLOCK);
    const across = this.blocks * BLOCK + 2;
    const widest = Math.max(...stack.convolutions.map((one) => rounded(one.outputs, GROUP)));
    for (const [index, convolution] of stack.convolutions.entries()) {
      const stored = index === 0 ? convolution.inputs : this.layers[index - 1].outputs;
      this.layers.push(this.layer(convolution, stored, across));
    }
    this.zeros = kernels.allocate(across * widest * 4);
    this.raw = kernels.allocate(across * widest * 4);
    this.change = kernels.allocate(across * GROUP * 4);
    this.pixels = kernels.allocate(width * 16);
    this.table = kernels.allocate(KEPT * 4);
  }

  /** Sharpens RGBA pixels in place, of an even height and of the stream's width; beyond the edges are zeros. */
  run(pixels: Uint8ClampedArray, strength: number): void {
    const bytes = this.width * 16;
    this.height = pixels.length / bytes;
    for (let row = 0; row < this.height; row++) {
      this.kernels.bytes(this.pixels, bytes).set(pixels.subarray(row * bytes, (row + 1) * bytes));
      this.see(row);
      this.follow(0, row, (finished) => {
        // The rows of pixels that it belongs to were read long before.
        this.kernels.bytes(this.pixels, bytes).set(pixels.subarray(finished * bytes, (finished + 1) * bytes));
        this.kernels.run.add(this.pixels, this.change, this.width, strength * 255);
        pixels.set(this.kernels.bytes(this.pixels, bytes), finished * bytes);
      });
    }
  }

  private layer(convolution: Convolution, stored: number, across: number): Layer {
    const { inputs, outputs: count, rounding } = convolution;
    const outputs = rounded(count, GROUP);
    const sides = { inputs, outputs: count, side: 3, stored };
    const weights = rounding ? packedPairs(rounding.whole, sides) : packedFloats(convolution.weight, sides);
    const scale = rounding ? rounding.rows.map((row) => row * rounding.step) : new Float32Array();
    const pixel = stored * (rounding ? 2 : 4);
    return {
      convolution, stored, pixel, outputs,
      weights: this.kernels.copied(weights),
      scale: this.kernels.copied(padded(scale, outputs)),
      bias: this.kernels.copied(padded(convolution.bias, outputs)),
      rows: Array.from({ length: KEPT }, () => this.kernels.allocate(across * pixel)),
    };
  }

  /** The first layer's row of the two rows of pixels. */
  private see(row: number): void {
    const first = this.layers[0];
    this.kernels.run.luma(this.pixels, this.target(first, row), this.width);
    this.finish(first, row);
  }

  /** Computes what can be once a layer's input has this row, and all that follows from it. */
  private follow(index: number, row: number, done: (row: number) => void): void {
    const last = this.height - 1;
    for (const ready of row === last ? [row - 1, row] : [row - 1]) {
      if (ready < 0) {
        continue;
      }
      const next = this.layers[index + 1];
      this.convolve(this.layers[index], ready, next ? this.target(next, ready) : this.change);
      if (next) {
        this.finish(next, ready);
        this.follow(index + 1, ready, done);
      } else {
        done(ready);
      }
    }
  }

  private convolve(layer: Layer, row: number, output: number): void {
    const { run } = this.kernels;
    const rows = [row - 1, row, row + 1];
    const known = rows.map((one) => (one < 0 || one >= this.height ? this.zeros : layer.rows[one % KEPT]));
    this.kernels.pointers(this.table, KEPT).set(known);
    const slope = layer.convolution.relu ? 0 : 1;
    const { weights, bias, outputs, pixel, stored } = layer;
    if (layer.convolution.rounding) {
      const pairs = (KEPT * stored) / 2;
      run.convolveLevels(this.table, KEPT, pairs, pixel, weights, layer.scale, bias, slope, outputs, output, this.blocks);
    } else {
      run.convolveFloats(this.table, KEPT, KEPT * stored, pixel, weights, bias, slope, outputs, output, this.blocks);
    }
  }

  /** Where to write the floats of a layer's input. */
  private target(layer: Layer, row: number): number {
    return layer.convolution.rounding ? this.raw : layer.rows[row % KEPT] + layer.pixel;
  }

  /** Rounds that row where its layer takes levels, and puts back the zeros right of the image. */
  private finish(layer: Layer, row: number): void {
    const { stored, pixel, rows, convolution } = layer;
    const begin = rows[row % KEPT] + pixel;
    if (convolution.rounding) {
      this.kernels.run.toLevels(this.raw, begin, rounded(this.width * stored, 8), convolution.rounding.step);
    }
    const beyond = this.blocks * BLOCK - this.width + 1;
    this.kernels.bytes(begin + this.width * pixel, beyond * pixel).fill(0);
  }
}
