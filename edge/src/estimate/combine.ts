/** One estimate from what was found in each patch, as `combined` in sharpcli/inference/estimator.py. */

import type { Degradation } from "../networks/degradation";
import { exp, likely, median, quantile, shares, softmax } from "./statistics";

/** What the network says of a patch, in this order, and in how many numbers each. */
const HEADS = {
  kind: 4, sigma: 2, stretch: 2, radius: 2, length: 2, direction: 2, linear: 1, resampled: 1, scale: 2, up: 3, down: 4,
  earlyJpeg: 1, earlyQuality: 2, noise: 2, noiseWidth: 1, sharpened: 1, jpeg: 1, quality: 2, exponent: 1,
};
type Head = keyof typeof HEADS;
/** Numbers that the network says of a patch. */
export const FINDINGS = Object.values(HEADS).reduce((sum, count) => sum + count, 0);

/** From which a patch is sharp, the spread of a blur's size from which patches differ, and noise of flat ones to all. */
const [CLEARLY, UNEVEN, FLAT_TO_ALL] = [0.7, 0.6, 1.2];

/** `textured` and `flat`: FINDINGS numbers for each patch with the most texture, and with the least. */
export function combined(textured: ArrayLike<number>[], flat: ArrayLike<number>[]): Degradation {
  const part = (head: Head) => partOf(textured, head);
  const middle = (head: Head, column = 0) => median(part(head).map((row) => row[column]));
  const chance = (head: Head) => likely(part(head).map((row) => row[0]));
  const [, gaussian, defocus, motion] = shares(part("kind"));
  const [up, down] = [shares(part("up")), shares(part("down"))];
  const sharp = part("kind").filter((logits) => softmax(logits)[0] > CLEARLY).length;
  return {
    blur: [gaussian, defocus, motion],
    sigma: exp(gentle(part("sigma"))),
    stretch: [middle("stretch"), middle("stretch", 1)],
    exponent: Math.min(Math.max(middle("exponent"), -1), 1),
    radius: exp(gentle(part("radius"))),
    length: exp(gentle(part("length"))),
    direction: [middle("direction"), middle("direction", 1)],
    linear: chance("linear"),
    resampled: chance("resampled"),
    logScale: quantile(part("scale"), 0.5) / 2,
    up: [up[0], up[1], up[2]],
    down: [down[0], down[1], down[2], down[3]],
    earlyJpeg: chance("earlyJpeg"),
    earlyQuality: 105 - 30 * quantile(part("earlyQuality"), 0.5),
    noise: Math.min(noiseOf(quantile(part("noise"), 0.5)), seenIn(flat)),
    noiseWidth: Math.max(0, middle("noiseWidth")),
    sharpened: Math.max(0, middle("sharpened")),
    jpeg: chance("jpeg"),
    quality: 105 - 30 * quantile(part("quality"), 0.5),
    video: false,
    sharpShare: sharp / textured.length,
  };
}

function partOf(findings: ArrayLike<number>[], head: Head): number[][] {
  const names = Object.keys(HEADS) as Head[];
  const start = names.slice(0, names.indexOf(head)).reduce((sum, name) => sum + HEADS[name], 0);
  return findings.map((row) => Array.from(row).slice(start, start + HEADS[head]));
}

/** The size of a blur as most patches show it; where they differ, as in the near and the far, a small one. */
function gentle(values: number[][]): number {
  const [low, middle, high] = [0.2, 0.5, 0.8].map((share) => quantile(values, share));
  return high - low > UNEVEN ? low : middle;
}

/** In levels. */
function noiseOf(said: number): number {
  return Math.max(0, exp(said, 4) - 0.25);
}

/** Noise is everywhere: what is seen among texture alone was texture. */
function seenIn(flat: ArrayLike<number>[]): number {
  return flat.length ? FLAT_TO_ALL * noiseOf(median(partOf(flat, "noise").map((row) => row[0]))) : Infinity;
}
