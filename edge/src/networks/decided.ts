/** What probably happened to an image, in the numbers that networks are told: as sharpcli/inference/degradation.py. */

import { type Degradation, FAINT_NOISE, KINDS, type Kind } from "./degradation";

/** From this probability on, something counts as having happened. */
export const LIKELY = 0.5;
export const FAINT_SHARPENING = 0.1;
/** Share of clearly sharp patches from which a blur is one of parts of the image. */
export const SHARP_PART = 0.12;
const FAINT_BLUR = 0.5;
const [SURE, SMALL_BLUR] = [0.75, 0.8];
const LINEAR_LIGHT = { gaussian: 0.85, defocus: 0.5, motion: 0.65 };
const LINEAR_SPAN = 0.5;
const GRAIN = 2.5;
const FINE_JPEG = 92;
const [CALL_SCALE, CALL_QUALITY] = [4, -30];

/** The same without what probably did not happen: doubt must not change an image that is as it should be. */
export function decided(found: Degradation): Degradation {
  const surplus = logOdds(found.linear) - logOdds(LINEAR_LIGHT[likeliest(found)]);
  let result: Degradation = { ...found, linear: within(surplus / LINEAR_SPAN + 0.5, 0, 1) };
  const least = sizeOf(found) >= SMALL_BLUR ? LIKELY : SURE;
  if (blurred(found) < least || (kindOf(found) === "gaussian" && found.sigma < FAINT_BLUR)) {
    result = { ...result, blur: [0, 0, 0], sharpShare: 0 };
  } else if (found.sharpShare > SHARP_PART) {
    result = { ...result, blur: [0, 0, 0] };
  }
  if (found.resampled < LIKELY) result = { ...result, resampled: 0 };
  const soft = kindOf(result) !== "none" || result.resampled > 0;
  if (found.noise < (soft ? FAINT_NOISE : GRAIN)) result = { ...result, noise: 0 };
  if (found.sharpened < FAINT_SHARPENING) result = { ...result, sharpened: 0 };
  if (found.jpeg < LIKELY || (found.quality >= FINE_JPEG && !soft)) result = { ...result, jpeg: 0 };
  return result;
}

/** The same as a frame of a call, whose line neither blurs nor compresses twice, without what is too faint. */
export function ofCall(found: Degradation): Degradation {
  return {
    ...found,
    blur: [0, 0, 0],
    linear: 0,
    sharpShare: 0,
    earlyJpeg: 0,
    resampled: found.resampled < LIKELY ? 0 : found.resampled,
    logScale: within(found.logScale, 0, Math.log(CALL_SCALE)),
    noise: found.noise < FAINT_NOISE ? 0 : found.noise,
    sharpened: found.sharpened < FAINT_SHARPENING ? 0 : found.sharpened,
    jpeg: found.jpeg < LIKELY ? 0 : found.jpeg,
    quality: within(found.quality, CALL_QUALITY, 105),
    video: true,
  };
}

/** The most likely kind of blur, `none` where there is probably none. */
export function kindOf(d: Degradation): Kind {
  return blurred(d) < LIKELY ? "none" : likeliest(d);
}

/** The size in pixels of the most likely blur, 0 where there is none. */
export function sizeOf(d: Degradation): number {
  return { gaussian: d.sigma, defocus: d.radius, motion: d.length, none: 0 }[kindOf(d)];
}

function blurred(d: Degradation): number {
  return d.blur[0] + d.blur[1] + d.blur[2];
}

function likeliest(d: Degradation): Exclude<Kind, "none"> {
  return KINDS[d.blur.indexOf(Math.max(...d.blur))];
}

function logOdds(probability: number): number {
  const bounded = within(probability, 1e-6, 1 - 1e-6);
  return Math.log(bounded / (1 - bounded));
}

function within(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
