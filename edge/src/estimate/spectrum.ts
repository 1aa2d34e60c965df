/** The power spectrum of a patch, in which a defocus shows as dark rings and a motion as dark stripes. */

import { SIDE } from "./patches";

const HALF = SIDE / 2;
/** Rows and columns of what `powerSpectrum` gives. */
export const SPECTRUM = { height: HALF, width: SIDE / 4 };

const COSINE = Float64Array.from({ length: SIDE }, (_, index) => Math.cos((2 * Math.PI * index) / SIDE));
const SINE = Float64Array.from({ length: SIDE }, (_, index) => Math.sin((2 * Math.PI * index) / SIDE));
/** Hann's, from 0 to 0. */
const WINDOW = Float64Array.from({ length: SIDE }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (SIDE - 1)));

/** Log power of a windowed patch, as `power_spectra` of estimator.py: frequency zero at the left in the middle. */
export function powerSpectrum(patch: Float32Array): Float32Array {
  const mean = patch.reduce((sum, value) => sum + value, 0) / patch.length;
  const pooled = new Float64Array(SPECTRUM.height * SPECTRUM.width);
  const [rowsReal, rowsImaginary] = alongRows(patch, mean);
  for (let column = 0; column < HALF; column++) {
    for (let row = 0; row < SIDE; row++) {
      let real = 0;
      let imaginary = 0;
      for (let y = 0, turn = 0; y < SIDE; y++, turn = (turn + row) % SIDE) {
        const [a, b] = [rowsReal[y * HALF + column], rowsImaginary[y * HALF + column]];
        real += a * COSINE[turn] + b * SINE[turn];
        imaginary += b * COSINE[turn] - a * SINE[turn];
      }
      const shifted = (row + HALF) % SIDE;
      pooled[(shifted >> 1) * SPECTRUM.width + (column >> 1)] += (real * real + imaginary * imaginary) / 4;
    }
  }
  return Float32Array.from(pooled, (power) => Math.log(power + 1e-6));
}

/** Real and imaginary parts of each row's transform, the lower half of the frequencies. */
function alongRows(patch: Float32Array, mean: number): [Float64Array, Float64Array] {
  const real = new Float64Array(SIDE * HALF);
  const imaginary = new Float64Array(SIDE * HALF);
  for (let y = 0; y < SIDE; y++) {
    for (let column = 0; column < HALF; column++) {
      const at = y * HALF + column;
      for (let x = 0, turn = 0; x < SIDE; x++, turn = (turn + column) % SIDE) {
        const value = (patch[y * SIDE + x] - mean) * WINDOW[x] * WINDOW[y];
        real[at] += value * COSINE[turn];
        imaginary[at] -= value * SINE[turn];
      }
    }
  }
  return [real, imaginary];
}
