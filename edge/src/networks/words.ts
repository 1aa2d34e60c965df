/** What an image went through, in the words that the command line has for it. */

import { FAINT_SHARPENING, LIKELY, SHARP_PART, kindOf, sizeOf } from "./decided";
import { type Degradation, FAINT_NOISE, loss } from "./degradation";

const NAMES = { gaussian: "blur", defocus: "defocus", motion: "motion" };
/** How much of the noise of three independent channels is left in their BT.601 luma. */
const LUMA_NOISE = 0.6685;

/** `defocus of about 2.5 px, noise 3.1`; noise is that of a channel, of which a `grey` image has but one. */
export function describe(d: Degradation, grey = false): string {
  const kind = kindOf(d);
  const noise = d.noise / (grey ? 1 : LUMA_NOISE);
  const parts = kind === "none" ? [] : [`${NAMES[kind]} of about ${sizeOf(d).toFixed(1)} px`];
  if (d.resampled >= LIKELY) {
    parts.push(`enlarged about ${Math.exp(d.logScale).toFixed(1)} times`);
    if (d.earlyJpeg >= LIKELY) parts.push(`from a JPEG of about quality ${d.earlyQuality.toFixed(0)}`);
  }
  if (noise >= FAINT_NOISE) parts.push(`noise ${noise.toFixed(1)}`);
  if (d.sharpened >= FAINT_SHARPENING) parts.push(`sharpening by ${(100 * d.sharpened).toFixed(0)}%`);
  if (d.jpeg >= LIKELY && d.video) {
    parts.push(`video coding of about ${(2 ** loss(d.quality) - 1).toFixed(1)} levels`);
  } else if (d.jpeg >= LIKELY) {
    parts.push(`JPEG of about quality ${d.quality.toFixed(0)}`);
  }
  const partly = d.sharpShare > SHARP_PART && kind === "none";
  return (parts.join(", ") || "nothing") + (partly ? "; parts are blurred, and were left so" : "");
}
