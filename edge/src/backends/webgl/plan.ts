/** What is drawn in which order for a stack, and the numbers that each draw takes: pure, no context needed. */

import type { Convolution, Stack } from "../../networks/network";
import { convolution, matrices, type Shape } from "./convolution";
import { finish, gather } from "./ends";
import { columns, QUADS, type Storage, texels } from "./formats";

/** One draw: some quads of a convolution's outputs. */
export interface Draw {
  source: string;
  block: Float32Array;
  /** The first layer that is written, and how many. */
  start: number;
  targets: number;
  /** The components of a texel that are written: all, or those of the draw's quads. */
  mask: [boolean, boolean, boolean, boolean];
}

/** A convolution: draws that read the same texture and write parts of another. */
export interface Pass {
  writes: Storage;
  /** Quads that are read. */
  quads: number;
  /** Layers of the texture that is written. */
  layers: number;
  draws: Draw[];
}

export interface Plan {
  /** Columns of one invocation. */
  columns: number;
  /** How the blocks of luma are stored, and the step of their levels. */
  blocks: Storage;
  step: number;
  gather: string;
  passes: Pass[];
  finish: string;
}

/** Quads that one draw writes: four for each of two columns fill a phone's registers. */
const MOST_QUADS = 4;

/**
 * The draws of a stack on a device with so many bytes a uniform block. Features are stored as levels where the weights
 * round them, and else as `storage` says.
 */
export function plan(stack: Stack, storage: "half" | "float", bytes: number): Plan {
  const stored = stack.convolutions.map((one): Storage => (one.rounding ? "levels" : storage));
  const side = columns(stored.slice(1));
  // One program for all that differ in it only: to compile takes longer than to loop.
  const inputs = Math.max(...stack.convolutions.map((one) => quads(one.inputs)));
  const most = fitting(inputs, bytes);
  const passes = stack.convolutions.map((one, index) => {
    const writes = stored[index + 1] ?? storage;
    const shape = { inputs, reads: stored[index], writes, columns: side, relu: one.relu };
    const count = quads(one.outputs);
    const step = stack.convolutions[index + 1]?.rounding?.step ?? 1;
    const starts = Array.from({ length: Math.ceil(count / most) }, (_, place) => place * most);
    const draws = starts.map((start) => draw(one, { ...shape, outputs: Math.min(most, count - start) }, start, step));
    return { writes, quads: quads(one.inputs), layers: side * texels(count, writes), draws };
  });
  return {
    columns: side,
    blocks: stored[0],
    step: stack.convolutions[0].rounding?.step ?? 1,
    gather: gather(stored[0], side),
    passes,
    finish: finish(storage, side),
  };
}

function draw(one: Convolution, shape: Shape, start: number, step: number): Draw {
  const { writes } = shape;
  const held = QUADS[writes];
  // Part of a texel is written where its quads need more weights than a block holds.
  const part = Array.from({ length: 4 }, (_, component) => {
    const quad = Math.floor((component * held) / 4);
    return shape.outputs >= held || (quad >= start % held && quad < (start % held) + shape.outputs);
  });
  return {
    source: convolution(shape),
    block: block(one, shape, start, step),
    start: Math.floor(start / held) * shape.columns,
    targets: texels(shape.outputs, writes) * shape.columns,
    mask: part as Draw["mask"],
  };
}

/** Quads of one draw: one, two or four, so that texels are filled by whole draws. */
function fitting(inputs: number, bytes: number): number {
  for (let outputs = MOST_QUADS; outputs >= 1; outputs /= 2) {
    if (4 * length({ inputs, outputs }) <= bytes) return outputs;
  }
  throw new Error("This network is too wide for WebGL on this device.");
}

/** Numbers in the block of a draw, in whole vectors as std140 has them. */
function length(shape: Pick<Shape, "inputs" | "outputs">): number {
  return 16 * matrices(shape) + 8 * shape.outputs + 4;
}

function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** The uniform block of a draw, in the order that the shader declares: std140, matrices by columns (inputs). */
export function block(
  one: Convolution,
  shape: Pick<Shape, "inputs" | "outputs">,
  start: number,
  step: number,
): Float32Array {
  const values = new Float32Array(length(shape));
  const biases = 16 * matrices(shape);
  const scales = biases + 4 * shape.outputs;
  const weight: ArrayLike<number> = one.rounding?.whole ?? one.weight;
  const count = Math.min(4 * shape.outputs, one.outputs - 4 * start);
  for (let index = 0; index < count; index++) {
    const output = 4 * start + index;
    for (let input = 0; input < one.inputs; input++) {
      for (let place = 0; place < 9; place++) {
        const matrix = (place * quads(one.inputs) + (input >> 2)) * shape.outputs + (index >> 2);
        values[16 * matrix + 4 * (input & 3) + (index & 3)] = weight[(output * one.inputs + input) * 9 + place];
      }
    }
    values[biases + index] = one.bias[output];
    // Sums of whole numbers stay exact in a float (below 2^24); only then are they scaled.
    values[scales + index] = one.rounding ? one.rounding.step * one.rounding.rows[output] : 1;
  }
  values[scales + 4 * shape.outputs] = step;
  return values;
}
