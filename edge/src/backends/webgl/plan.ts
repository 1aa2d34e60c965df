/** What is drawn in which order for a stack, and the numbers that each draw takes: pure, no context needed. */

import type { Convolution, Stack } from "../../networks/network";
import { convolution, matrices, type Shape, type Storage } from "./glsl";

/** Of the device, as far as it decides on the draws. */
export interface Limits {
  /** Render targets of one draw. */
  targets: number;
  /** Bytes of one uniform block. */
  block: number;
}

/** One draw: some of a convolution's layers. */
export interface Draw {
  source: string;
  block: Float32Array;
  /** The first layer that is written, and how many. */
  start: number;
  targets: number;
}

/** A convolution: draws that read the same texture and write parts of another. */
export interface Pass {
  reads: Storage;
  writes: Storage;
  /** Layers of the texture that is written. */
  layers: number;
  draws: Draw[];
}

/** Bytes a texel and layer. */
export const BYTES: Record<Storage, number> = { levels: 4, half: 8, float: 16 };

/** More render targets at a time were no faster, and a tile of a phone's chip holds few. */
const MOST_TARGETS = 4;

/** The passes of a stack whose features are stored so where its weights do not ask for levels. */
export function plan(stack: Stack, storage: "half" | "float", limits: Limits): Pass[] {
  return stack.convolutions.map((one, index) => {
    const following = stack.convolutions[index + 1];
    const reads = one.rounding ? "levels" : storage;
    const writes = following?.rounding ? "levels" : storage;
    const layers = Math.ceil(one.outputs / 4);
    const inputs = Math.ceil(one.inputs / 4);
    const shape = { inputs, reads, writes, relu: one.relu } as const;
    const draws = split(layers, most(inputs, limits)).map(([start, targets]) => ({
      source: convolution({ ...shape, targets }),
      block: block(one, { ...shape, targets }, start, following?.rounding?.step ?? 1),
      start,
      targets,
    }));
    return { reads, writes, layers, draws };
  });
}

/** How features that come before the first convolution are stored. */
export function blocks(passes: Pass[]): Storage {
  return passes[0].reads;
}

/** Layers that one draw can write: as many as the targets and the block of weights allow. */
function most(inputs: number, limits: Limits): number {
  const each = 64 * matrices({ inputs, targets: 1 }) + 32;
  const fitting = Math.floor((limits.block - 16) / each);
  if (fitting < 1) throw new Error("This network is too wide for WebGL on this device.");
  return Math.min(MOST_TARGETS, limits.targets, fitting);
}

/** Layers in draws of about the same size: start and count. */
function split(layers: number, limit: number): [number, number][] {
  const count = Math.ceil(layers / Math.ceil(layers / limit));
  const starts = Array.from({ length: Math.ceil(layers / count) }, (_, index) => index * count);
  return starts.map((start) => [start, Math.min(count, layers - start)]);
}

/** The uniform block of a draw, in the order that the shader declares: std140, matrices by columns (inputs). */
export function block(one: Convolution, shape: Shape, start: number, step: number): Float32Array {
  const { inputs, targets } = shape;
  const count = 16 * matrices(shape);
  const values = new Float32Array(count + 8 * targets + 4);
  const weight: ArrayLike<number> = one.rounding?.whole ?? one.weight;
  for (let target = 0; target < targets; target++) {
    for (let row = 0; row < 4; row++) {
      const output = (start + target) * 4 + row;
      if (output >= one.outputs) continue;
      for (let input = 0; input < one.inputs; input++) {
        for (let place = 0; place < 9; place++) {
          const matrix = (place * inputs + (input >> 2)) * targets + target;
          values[matrix * 16 + (input & 3) * 4 + row] = weight[(output * one.inputs + input) * 9 + place];
        }
      }
      values[count + target * 4 + row] = one.bias[output];
      // Sums of whole numbers stay exact in a float (below 2^24); only then are they scaled.
      const scale = one.rounding ? Math.fround(one.rounding.step) * one.rounding.rows[output] : 1;
      values[count + (targets + target) * 4 + row] = scale;
    }
  }
  values[count + 8 * targets] = step;
  return values;
}
