/** Weights in the order in which the kernels read them. */

/** Outputs that a kernel computes together; it is told of multiples of it, the rest being zeros. */
export const GROUP = 8;

export function rounded(channels: number, multiple: number): number {
  return Math.ceil(channels / multiple) * multiple;
}

interface Sides {
  inputs: number;
  outputs: number;
  /** Rows and columns of the kernel. */
  side: number;
  /** Channels that a pixel of the input has in memory, at least `inputs`. */
  stored: number;
}

/** Outputs x inputs x side x side as: 8 outputs, row, column, channel, output. */
export function packedFloats(weight: Float32Array, sides: Sides): Float32Array {
  const { inputs, side, stored } = sides;
  const area = side * side;
  const packed = new Float32Array(rounded(sides.outputs, GROUP) * area * stored);
  for (let output = 0; output < sides.outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < area; place++) {
        const at = (((output / GROUP) | 0) * area + place) * stored + input;
        packed[at * GROUP + (output % GROUP)] = weight[(output * inputs + input) * area + place];
      }
    }
  }
  return packed;
}

/** The same of whole weights, with the two channels of a pair side by side; `stored` is even. */
export function packedPairs(weight: Int8Array, sides: Sides): Int16Array {
  const { inputs, side, stored } = sides;
  const area = side * side;
  const packed = new Int16Array(rounded(sides.outputs, GROUP) * area * stored);
  for (let output = 0; output < sides.outputs; output++) {
    for (let input = 0; input < inputs; input++) {
      for (let place = 0; place < area; place++) {
        const pair = ((((output / GROUP) | 0) * area + place) * stored + input) >> 1;
        packed[(pair * GROUP + (output % GROUP)) * 2 + (input & 1)] = weight[(output * inputs + input) * area + place];
      }
    }
  }
  return packed;
}

/** As many numbers, and zeros after them. */
export function padded(numbers: Float32Array, length: number): Float32Array {
  const result = new Float32Array(length);
  result.set(numbers);
  return result;
}
