/** The estimator's network: what one patch and its power spectrum say. See `networks/estimator.py` of training. */

import type { Kernels } from "../backends/wasm/kernels";
import type { Tensors } from "../networks/read";
import { convolve, emptyMap, fill, type Layer, layerOf, type Map2d, row, SLOPE } from "./maps";
import { SIDE } from "./patches";
import { powerSpectrum, SPECTRUM } from "./spectrum";

/** Of the convolutions on the patch, and on its spectrum. */
const BODY = [1, 2, 1, 2, 1, 2, 1];
const SPECTRAL = [1, 2, 1, 2, 1];
/** Added to a patch's contrast before it is divided by it, and to the squares before their root is taken. */
const [FLAT, TINY] = [0.004, 1e-6];
/** After so many convolutions of the body, what there is of texture is read as well as at the end. */
const EARLY = 3;

interface Step {
  layer: Layer;
  map: Map2d;
}

export class EstimatorNetwork {
  private readonly patch: Map2d;
  private readonly spectrum: Map2d;
  private readonly body: Step[];
  private readonly spectral: Step[];
  private readonly table: number;
  private readonly zeros: number;

  constructor(private readonly kernels: Kernels, private readonly tensors: Tensors) {
    this.patch = emptyMap(kernels, SIDE, SIDE, 1);
    this.spectrum = emptyMap(kernels, SPECTRUM.height, SPECTRUM.width, 1);
    this.body = this.steps("body", BODY, this.patch);
    this.spectral = this.steps("spec", SPECTRAL, this.spectrum);
    this.table = kernels.allocate(64);
    // As long as any map's row.
    this.zeros = kernels.allocate(4 * 96 * 128);
  }

  /** The findings of a patch of SIDE x SIDE luma in [0, 1]; see HEADS in combine.ts. */
  findings(luma: Float32Array): Float32Array {
    const { kernels } = this;
    const { normal, contrast } = normalized(luma);
    fill(kernels, this.patch, normal);
    fill(kernels, this.spectrum, powerSpectrum(luma).map((power) => power / 4));
    this.run(this.body, this.patch);
    this.run(this.spectral, this.spectrum);
    const [early, last] = [this.body[EARLY - 1].map, this.body[BODY.length - 1].map];
    const flat = this.dense("flat", flattened(kernels, this.spectral[SPECTRAL.length - 1].map), SLOPE);
    const seen = [...moments(kernels, last), ...moments(kernels, early), ...flat, Math.log(contrast)];
    const first = this.dense("head.0", Float32Array.from(seen), SLOPE);
    return this.dense("head.4", this.dense("head.2", first, SLOPE), 1);
  }

  private steps(name: string, strides: number[], input: Map2d): Step[] {
    let from = input;
    return strides.map((stride, index) => {
      const weight = `${name}.${index}.weight`;
      const bias = this.tensors.floats(`${name}.${index}.bias`);
      const shape = this.tensors.shape(weight);
      const layer = layerOf(this.kernels, this.tensors.floats(weight), bias, shape, from.channels, stride);
      from = emptyMap(this.kernels, from.height / stride, from.width / stride, layer.outputs);
      return { layer, map: from };
    });
  }

  private run(steps: Step[], input: Map2d): void {
    let from = input;
    for (const { layer, map } of steps) {
      convolve(this.kernels, layer, from, map, this.table, this.zeros);
      from = map;
    }
  }

  private dense(name: string, values: Float32Array, slope: number): Float32Array {
    const weight = (this.read[name] ??= this.tensors.floats(`${name}.weight`));
    return this.tensors.floats(`${name}.bias`).map((bias, output) => {
      const start = output * values.length;
      const sum = values.reduce((total, value, input) => total + value * weight[start + input], bias);
      return Math.max(sum, slope * sum);
    });
  }

  private readonly read: Record<string, Float32Array> = {};
}

/** Less its mean, divided by its contrast: the standard deviation, and a little more. */
function normalized(luma: Float32Array): { normal: Float32Array; contrast: number } {
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  const squares = luma.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const contrast = Math.sqrt(squares / (luma.length - 1)) + FLAT;
  return { normal: luma.map((value) => (value - mean) / contrast), contrast };
}

/** Each channel's mean, then each channel's root of the mean square. */
function moments(kernels: Kernels, map: Map2d): number[] {
  const sums = new Float64Array(map.channels);
  const squares = new Float64Array(map.channels);
  for (let y = 0; y < map.height; y++) {
    const values = row(kernels, map, y);
    for (let at = 0; at < values.length; at++) {
      sums[at % map.channels] += values[at];
      squares[at % map.channels] += values[at] ** 2;
    }
  }
  const area = map.height * map.width;
  return [...sums.map((sum) => sum / area), ...squares.map((sum) => Math.sqrt(sum / area + TINY))];
}

/** All numbers of a map, the pixels of a channel together. */
function flattened(kernels: Kernels, map: Map2d): Float32Array {
  const { height, width, channels } = map;
  const result = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    row(kernels, map, y).forEach((value, at) => {
      result[(at % channels) * height * width + y * width + Math.floor(at / channels)] = value;
    });
  }
  return result;
}
