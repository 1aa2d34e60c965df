/** Reads a written clip back, before it is offered: as many frames, the same times, and the pixels that were meant. */

import { type InputVideoTrack, VideoSampleSink } from "mediabunny";
import { bare, reasonOf } from "../reasons";
import { openClip } from "./clip";
import { Planes } from "./planes";

/** Decibels of luma that coding at our bit rates never falls below, and something wrong always does. */
const FLOOR = 24;
/** Seconds by which containers round times. */
const ROUNDED = 0.002;

/** A frame as it was meant. */
export interface Meant {
  seconds: number;
  luma: ImageData;
}

export interface Checked {
  /** PSNR of luma against what was meant, in decibels. */
  first: number;
  last: number;
}

/** Rejects with a sentence where the file is not what was meant. */
export async function checkClip(file: Blob, frames: number, first: Meant, last: Meant): Promise<Checked> {
  const clip = await openClip(file);
  try {
    const { packetCount } = await clip.video.computePacketStats();
    if (packetCount !== frames) throw new Error(`${packetCount} frames were written instead of ${frames}`);
    const checked = { first: await compared(clip.video, first), last: await compared(clip.video, last) };
    const worst = Math.min(checked.first, checked.last);
    if (Number.isNaN(worst)) throw new Error("its frames came back in another size");
    if (worst < FLOOR) throw new Error(`a frame came back with ${worst.toFixed(1)} dB, and less than ${FLOOR} is not a copy of it`);
    return checked;
  } catch (error) {
    throw new Error(`The written clip is not as it should be: ${bare(reasonOf(error))}.`, { cause: error });
  } finally {
    clip.input.dispose();
  }
}

async function compared(video: InputVideoTrack, { seconds, luma }: Meant): Promise<number> {
  const sample = await new VideoSampleSink(video).getSample(seconds + ROUNDED);
  if (!sample) throw new Error(`there is no frame at ${seconds.toFixed(2)} s`);
  const frame = sample.toVideoFrame();
  try {
    if (Math.abs(sample.timestamp - seconds) > ROUNDED) throw new Error(`the frame of ${seconds.toFixed(3)} s is at ${sample.timestamp.toFixed(3)} s`);
    return psnr(await new Planes().read(frame), luma);
  } finally {
    frame.close();
    sample.close();
  }
}

/** Of the first channel, in decibels; NaN for pictures of two sizes. */
export function psnr(one: ImageData, other: ImageData): number {
  if (one.width !== other.width || one.height !== other.height) return NaN;
  let sum = 0;
  for (let at = 0; at < one.data.length; at += 4) sum += (one.data[at] - other.data[at]) ** 2;
  return 10 * Math.log10((255 ** 2 * one.width * one.height) / sum);
}
