/** What a person says of an image as a degradation, with the same defaults as export/told.py. */

import { type Degradation, type Kind, NOTHING, withBlur } from "./degradation";

/** `size` in pixels: sigma, radius or length; `noise` in 8-bit levels of luma. */
export interface Blurred {
  kind: Kind;
  size: number;
  noise?: number;
  /** What the blur mixed; a lens's defocus and motion linear light unless said otherwise, others encoded levels. */
  light?: "linear" | "encoded";
}

/** What a line did to a frame: the error of coding in levels of luma, and how many times it was enlarged since. */
export interface Called {
  coding: number;
  enlarged?: number;
}

/** For the profile `deblur`; no size or kind `none` says that nothing blurred it. */
export function blurred({ kind, size, noise = 0, light }: Blurred): Degradation {
  if (kind === "none" || size <= 0) return { ...NOTHING, noise };
  const linear = light ? light === "linear" : kind !== "gaussian";
  return { ...withBlur(NOTHING, kind, size), linear: Number(linear), noise };
}

/** For the profile `call`. */
export function called({ coding, enlarged = 1 }: Called): Degradation {
  const coded = { ...NOTHING, jpeg: Number(coding > 0), quality: 105 - 30 * Math.log2(coding + 1), video: true };
  if (enlarged <= 1) return coded;
  // What video programs do: reduced by averaging, enlarged by linear interpolation.
  return { ...coded, resampled: 1, logScale: Math.log(enlarged), up: [0, 0, 1], down: [0, 0, 1, 0] };
}
