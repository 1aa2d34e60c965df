/** Feature maps of the estimator in a kernel's memory, and convolutions from one to the next. */

import type { Kernels } from "../backends/wasm/kernels";
import { GROUP, packedFloats, padded, rounded } from "../backends/wasm/packed";

/** Pixels of zeros left of a map: what the largest kernel looks beyond the edge. */
const LEFT = 2;
/** Pixels right of it that a kernel may write or read in blocks of four, at stride 2. */
const RIGHT = 18;
const BLOCK = 4;
/** Leaky ReLU's: what a negative value is multiplied by. */
export const SLOPE = 0.1;

export interface Map2d {
  start: number;
  height: number;
  width: number;
  /** Channels of a pixel in memory. */
  channels: number;
}

export interface Layer {
  weights: number;
  bias: number;
  inputs: number;
  outputs: number;
  /** Rows and columns of the kernel. */
  side: number;
  stride: number;
}

export function emptyMap(kernels: Kernels, height: number, width: number, channels: number): Map2d {
  return { start: kernels.allocate(height * pitch({ width, channels })), height, width, channels };
}

export function layerOf(
  kernels: Kernels, weight: Float32Array, bias: Float32Array, shape: number[], stored: number, stride = 1,
): Layer {
  const [outputs, inputs, side = 1] = shape;
  const weights = kernels.copied(packedFloats(weight, { inputs, outputs, side, stored }));
  return { weights, bias: kernels.copied(padded(bias, rounded(outputs, GROUP))), inputs, outputs, side, stride };
}

/** Puts a layer's output, zeros beyond the edges, into `to`. `table` and `zeros` are room for pointers and a row. */
export function convolve(kernels: Kernels, layer: Layer, from: Map2d, to: Map2d, table: number, zeros: number): void {
  const { side, stride } = layer;
  const around = side >> 1;
  const [pixel, blocks] = [from.channels * 4, Math.ceil(to.width / BLOCK)];
  const left = (LEFT - around) * pixel;
  for (let row = 0; row < to.height; row++) {
    const pointers = Array.from({ length: side }, (_, index) => {
      const y = row * stride + index - around;
      return (y < 0 || y >= from.height ? zeros : from.start + y * pitch(from)) + left;
    });
    kernels.pointers(table, side).set(pointers);
    const { weights, bias } = layer;
    const output = to.start + row * pitch(to) + LEFT * to.channels * 4;
    const [length, step] = [side * from.channels, stride * pixel];
    kernels.run.convolveFloats(table, side, length, step, weights, bias, SLOPE, to.channels, output, blocks);
    kernels.bytes(output + to.width * to.channels * 4, RIGHT * to.channels * 4).fill(0);
  }
}

/** Fills a map of one channel. */
export function fill(kernels: Kernels, map: Map2d, values: Float32Array): void {
  for (let row = 0; row < map.height; row++) {
    const start = map.start + row * pitch(map) + LEFT * 4;
    kernels.floats(start, map.width).set(values.subarray(row * map.width, (row + 1) * map.width));
  }
}

/** The numbers of a row, the channels of a pixel together. */
export function row(kernels: Kernels, map: Map2d, y: number): Float32Array {
  return kernels.floats(map.start + y * pitch(map) + LEFT * map.channels * 4, map.width * map.channels);
}

function pitch({ width, channels }: { width: number; channels: number }): number {
  return (LEFT + width + RIGHT) * channels * 4;
}
