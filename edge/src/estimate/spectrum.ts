/** The power spectrum of a patch, in which a defocus shows as dark rings and a motion as dark stripes. */

import { type Complex, transformed } from "./fourier";
import { SIDE } from "./patches";

const HALF = SIDE / 2;
/** Rows and columns of what `powerSpectrum` gives. */
export const SPECTRUM = { height: HALF, width: SIDE / 4 };

/** Hann's, from 0 to 0. */
const WINDOW = Float64Array.from({ length: SIDE }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (SIDE - 1)));

/** Log power of a windowed patch, as `power_spectra` of estimator.py: frequency zero at the left in the middle. */
export function powerSpectrum(patch: Float32Array): Float32Array {
  const mean = patch.reduce((sum, value) => sum + value, 0) / patch.length;
  const rows = Array.from({ length: SIDE }, (_, y): Complex => {
    const real = WINDOW.map((share, x) => (patch[y * SIDE + x] - mean) * share * WINDOW[y]);
    return transformed({ real, imaginary: new Float64Array(SIDE) });
  });
  const pooled = new Float64Array(SPECTRUM.height * SPECTRUM.width);
  for (let column = 0; column < HALF; column++) {
    const real = Float64Array.from(rows, (row) => row.real[column]);
    const imaginary = Float64Array.from(rows, (row) => row.imaginary[column]);
    const down = transformed({ real, imaginary });
    for (let row = 0; row < SIDE; row++) {
      const shifted = (row + HALF) % SIDE;
      const power = down.real[row] ** 2 + down.imaginary[row] ** 2;
      // The mean of 2 x 2.
      pooled[(shifted >> 1) * SPECTRUM.width + (column >> 1)] += power / 4;
    }
  }
  return Float32Array.from(pooled, (power) => Math.log(power + 1e-6));
}
