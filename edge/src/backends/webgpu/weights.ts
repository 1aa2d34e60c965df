/** A convolution's numbers in the order in which the shaders read them. */

import type { Convolution } from "../../networks/network";
import type { Format } from "./formats";

/** Groups of four channels that so many need; what is too many in the last one is zero. */
export function groupsOf(channels: number): number {
  return Math.ceil(channels / 4);
}

/**
 * For each tap, group of inputs and group of outputs a 4x4 matrix, column by column (of INT8: row by
 * row, bytes). The buffer is as large as `most` groups of inputs need.
 */
export function packWeights(convolution: Convolution, format: Format, most: number): ArrayBuffer {
  const { inputs, outputs, rounding } = convolution;
  const [from, to] = [groupsOf(inputs), groupsOf(outputs)];
  const whole = rounding?.whole;
  const packed = new ArrayBuffer(9 * most * to * format.weightBytes);
  const floats = format.weightBytes === 64 ? new Float32Array(packed) : null;
  const [halves, bytes] = [new Uint16Array(packed), new Int8Array(packed)];
  for (let output = 0; output < outputs; output++)
    for (let input = 0; input < inputs; input++)
      for (let tap = 0; tap < 9; tap++) {
        const value = (whole ?? convolution.weight)[(output * inputs + input) * 9 + tap];
        const matrix = ((tap * from + (input >> 2)) * to + (output >> 2)) * 16;
        const [row, column] = [output & 3, input & 3];
        if (format.precision === "int8") bytes[matrix + 4 * row + column] = value;
        else if (floats) floats[matrix + 4 * column + row] = value;
        else halves[matrix + 4 * column + row] = half(value);
      }
  return packed;
}

/** step, inputs, scale, bias, start as the shader's Terms; `next` is the step of the levels that the result becomes. */
export function packTerms(convolution: Convolution, next: number): Float32Array<ArrayBuffer> {
  const { inputs, outputs, bias, rounding } = convolution;
  const wide = 4 * groupsOf(outputs);
  const terms = new Float32Array(4 + 3 * wide);
  terms[0] = next;
  new Uint32Array(terms.buffer)[1] = groupsOf(inputs);
  terms.set(bias, 4 + wide);
  if (rounding)
    for (let output = 0; output < outputs; output++) {
      terms[4 + output] = rounding.step * rounding.rows[output];
      const row = rounding.whole.subarray(output * inputs * 9, (output + 1) * inputs * 9);
      terms[4 + 2 * wide + output] = 128 * row.reduce((sum, weight) => sum + weight, 0);
    }
  return terms;
}

/** The nearest 16-bit float of a number that fits one. */
export function half(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  // Below 2^-14 numbers lie 2^-24 apart, above that 2^10 to each power of two.
  const exponent = Math.max(Math.floor(Math.log2(size || 1)), -14);
  let [place, steps] = [exponent + 15, nearest(size * 2 ** (10 - exponent))];
  if (size === 0) return sign;
  if (steps >= 2048) [place, steps] = [place + 1, 1024];
  if (place > 30) return sign | 0x7bff;
  return sign | (steps < 1024 ? steps : (place << 10) + steps - 1024);
}

/** Half to even. */
function nearest(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
