/** Turns a network into the plain stack that it is for one degradation vector, as `told` in export/stack.py does. */

import type { Convolution, Dense, Network, Stack } from "./network";

/** Rows and columns that a conditioned network's image is mirrored by, as sharpcli/inference/conditioned.py does. */
const MARGIN = 16;

/**
 * The stack for a vector, which a conditioned network needs and no other takes; throws an Error where it has the wrong
 * length. A vector of zeros says that nothing happened: the image is to be left as it is, see `untouched`.
 */
export function fold(network: Network, vector?: readonly number[]): Stack {
  const { header, convolutions, mlp } = network;
  if ((vector?.length ?? 0) !== header.conditioned) {
    throw new Error(`${header.name} takes a vector of ${header.conditioned} numbers, not ${vector?.length ?? 0}.`);
  }
  return {
    name: header.name,
    channels: header.channels,
    receptiveRadius: header.receptiveRadius,
    kmacPerPixel: header.kmacPerPixel,
    margin: header.conditioned ? MARGIN : 0,
    convolutions: vector?.length ? told(convolutions, codeOf(mlp, vector), header.channels) : convolutions,
  };
}

/** Whether a vector says that nothing happened to an image, so that it is returned as it is. */
export function untouched(vector: readonly number[]): boolean {
  return vector.every((value) => value === 0);
}

function told(convolutions: Convolution[], code: Float32Array, channels: number): Convolution[] {
  const last = convolutions.length - 1;
  return convolutions.map((one, index) => {
    if (index === last) return one;
    const shift = code.subarray(2 * index * channels, (2 * index + 1) * channels);
    const scale = code.subarray((2 * index + 1) * channels, (2 * index + 2) * channels).map((stretch) => 1 + stretch);
    const each = one.weight.length / one.outputs;
    const weight = one.weight.map((value, place) => value * scale[Math.floor(place / each)]);
    const bias = one.bias.map((value, output) => value * scale[output] + shift[output]);
    const rounding = one.rounding && {
      ...one.rounding,
      rows: one.rounding.rows.map((value, output) => value * scale[output]),
    };
    return { ...one, weight, bias, rounding };
  });
}

function codeOf(mlp: Dense[], vector: readonly number[]): Float32Array {
  let code = Float32Array.from(vector);
  mlp.forEach((layer, index) => {
    const next = layer.bias.map((bias, output) => {
      const row = layer.weight.subarray(output * layer.inputs, (output + 1) * layer.inputs);
      const sum = row.reduce((total, weight, input) => total + weight * code[input], bias);
      return index + 1 === mlp.length ? sum : Math.max(sum, 0);
    });
    code = next;
  });
  return code;
}
