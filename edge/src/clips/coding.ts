/** Which codec and container the sharpened clip gets: the same as before where this browser can write them. */

import {
  canEncodeVideo,
  type InputFormat,
  MATROSKA,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  type OutputFormat,
  QTFF,
  type VideoCodec,
  WEBM,
  WebMOutputFormat,
} from "mediabunny";

const NAMES: Record<VideoCodec, string> = {
  avc: "H.264",
  hevc: "H.265",
  vp9: "VP9",
  av1: "AV1",
  vp8: "VP8",
  prores: "ProRes",
};
/** Taken in this order where the clip's own cannot be written: what plays almost everywhere first. */
const NEXT: VideoCodec[] = ["avc", "vp9", "av1", "vp8"];
/**
 * Bits a pixel and frame of 1920 x 1080 below which sharpened detail is lost again, by how much faster than pixels they
 * grow for smaller frames, and how many times the clip's own it may need.
 */
const LEAST_BITS = 0.2;
const FULL = 1920 * 1080;
const GROWTH = 0.25;
const TIMES = 2;

export interface Coding {
  codec: VideoCodec;
  bitrate: number;
  /** What to say where the codec is another one, else empty. */
  note: string;
}

export function nameOf(codec: VideoCodec): string {
  return NAMES[codec];
}

/** The container to write for one that was read. */
export function outputFormat(input: InputFormat): OutputFormat {
  if (input === WEBM) return new WebMOutputFormat();
  if (input === MATROSKA) return new MkvOutputFormat();
  return input === QTFF ? new MovOutputFormat() : new Mp4OutputFormat();
}

/** All formats that are read here. */
export const READ = "MP4, MOV, WebM and MKV";

/** How to encode frames of a size; rejects with a sentence where this browser can encode nothing of the kind. */
export async function chooseCoding(
  codec: VideoCodec,
  format: OutputFormat,
  clip: { width: number; height: number; rate: number; bitrate: number },
): Promise<Coding> {
  const { width, height } = clip;
  const pixels = width * height;
  const least = LEAST_BITS * pixels * (FULL / pixels) ** GROWTH * clip.rate;
  const bitrate = Math.ceil(Math.max(TIMES * clip.bitrate, least));
  const possible = format.getSupportedVideoCodecs();
  for (const next of [codec, ...NEXT.filter((other) => other !== codec)]) {
    if (!possible.includes(next) || !(await canEncodeVideo(next, { width, height, bitrate }))) continue;
    const note = next === codec ? "" : `This browser cannot write ${nameOf(codec)}, so the clip becomes ${nameOf(next)}.`;
    return { codec: next, bitrate, note };
  }
  throw new Error(`This browser cannot write video of ${width} x ${height} pixels for ${format.fileExtension} files; use another browser, or sharpcli enhance.`);
}
