/** A stack computed in plain loops of double precision, and random ones to compare on. */

import type { Convolution, Stack } from "../../src/networks/network";

let seed = 7;

/** In [-1, 1); the same in every run. */
export function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 31 - 1;
}

export function randomPixels(width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: width * height * 4 }, () => 128 + 127 * random());
}

export function randomStack(channels: number[], rounded: boolean): Stack {
  const convolutions = channels.slice(1).map((outputs, index) =>
    randomConvolution(channels[index], outputs, index < channels.length - 2, rounded),
  );
  return { name: "random", channels: channels[1], receptiveRadius: 15, kmacPerPixel: 1, margin: 0, convolutions };
}

function randomConvolution(inputs: number, outputs: number, relu: boolean, rounded: boolean): Convolution {
  const count = outputs * inputs * 9;
  const bias = Float32Array.from({ length: outputs }, () => random() / 10);
  if (!rounded) {
    const weight = Float32Array.from({ length: count }, () => random() / Math.sqrt(inputs * 3));
    return { inputs, outputs, weight, bias, relu };
  }
  const whole = Int8Array.from({ length: count }, () => Math.round(127 * random()));
  const rows = Float32Array.from({ length: outputs }, () => (1.5 + random()) / 400 / Math.sqrt(inputs));
  const weight = Float32Array.from(whole, (value, at) => value * rows[Math.floor(at / inputs / 9)]);
  return { inputs, outputs, weight, bias, relu, rounding: { step: 1 / 255, whole, rows } };
}

export function reference(
  stack: Stack, pixels: Uint8ClampedArray, width: number, strength: number,
): Uint8ClampedArray {
  const [across, down] = [width / 2, pixels.length / width / 8];
  let maps = blocks(pixels, across, down);
  for (const convolution of stack.convolutions) {
    maps = convolved(maps, convolution, across, down);
  }
  return pixels.map((value, at) => {
    const [x, y] = [(at >> 2) % width, Math.floor(at / 4 / width)];
    const change = maps[2 * (y % 2) + (x % 2)][(y >> 1) * across + (x >> 1)];
    return at % 4 === 3 ? value : Math.round(value + strength * 255 * change);
  });
}

function blocks(pixels: Uint8ClampedArray, across: number, down: number): Float64Array[] {
  return [0, 1, 2, 3].map((phase) =>
    Float64Array.from({ length: across * down }, (_, at) => {
      const [x, y] = [2 * (at % across) + (phase % 2), 2 * Math.floor(at / across) + (phase >> 1)];
      const [red, green, blue] = pixels.subarray((y * across * 2 + x) * 4);
      return (19_595 * red + 38_470 * green + 7_471 * blue) / 65_536 / 255;
    }),
  );
}

function convolved(maps: Float64Array[], convolution: Convolution, across: number, down: number): Float64Array[] {
  const { inputs, weight, bias, rounding, relu } = convolution;
  const seen = rounding
    ? maps.map((map) => map.map((x) => rounding.step * Math.min(255, Math.max(0, Math.round(x / rounding.step)))))
    : maps;
  return Array.from(bias, (shift, output) =>
    Float64Array.from({ length: across * down }, (_, at) => {
      let sum = shift;
      for (let input = 0; input < inputs; input++) {
        for (let place = 0; place < 9; place++) {
          const [x, y] = [(at % across) + (place % 3) - 1, Math.floor(at / across) + Math.floor(place / 3) - 1];
          const inside = x >= 0 && y >= 0 && x < across && y < down;
          sum += inside ? weight[(output * inputs + input) * 9 + place] * seen[input][y * across + x] : 0;
        }
      }
      return relu ? Math.max(0, sum) : sum;
    }),
  );
}
