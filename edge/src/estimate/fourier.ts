/** The discrete Fourier transform of SIDE numbers, or of a half, a quarter and so on of them. */

import { SIDE } from "./patches";

const COSINE = Float64Array.from({ length: SIDE }, (_, index) => Math.cos((2 * Math.PI * index) / SIDE));
const SINE = Float64Array.from({ length: SIDE }, (_, index) => Math.sin((2 * Math.PI * index) / SIDE));

export interface Complex {
  real: Float64Array;
  imaginary: Float64Array;
}

/** Frequencies from zero up, by halves (Cooley and Tukey) as long as there is an even number of them. */
export function transformed({ real, imaginary }: Complex): Complex {
  const [count, half] = [real.length, real.length >> 1];
  if (count % 2) return summed({ real, imaginary });
  const part = (first: number): Complex => {
    const one = { real: new Float64Array(half), imaginary: new Float64Array(half) };
    for (let index = 0; index < half; index++) {
      one.real[index] = real[2 * index + first];
      one.imaginary[index] = imaginary[2 * index + first];
    }
    return transformed(one);
  };
  const [even, odd] = [part(0), part(1)];
  const result = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  for (let index = 0; index < half; index++) {
    const [cosine, sine] = [COSINE[(index * SIDE) / count], SINE[(index * SIDE) / count]];
    const a = odd.real[index] * cosine + odd.imaginary[index] * sine;
    const b = odd.imaginary[index] * cosine - odd.real[index] * sine;
    result.real[index] = even.real[index] + a;
    result.imaginary[index] = even.imaginary[index] + b;
    result.real[index + half] = even.real[index] - a;
    result.imaginary[index + half] = even.imaginary[index] - b;
  }
  return result;
}

/** By its definition. */
function summed({ real, imaginary }: Complex): Complex {
  const count = real.length;
  const result = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  for (let frequency = 0; frequency < count; frequency++) {
    for (let index = 0; index < count; index++) {
      const turn = ((frequency * index) % count) * (SIDE / count);
      result.real[frequency] += real[index] * COSINE[turn] + imaginary[index] * SINE[turn];
      result.imaginary[frequency] += imaginary[index] * COSINE[turn] - real[index] * SINE[turn];
    }
  }
  return result;
}
