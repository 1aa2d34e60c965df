/** A clip that was opened: its video, its audio, and what a sharpened copy will not have. */

import {
  BlobSource,
  Input,
  type InputAudioTrack,
  type InputFormat,
  type InputVideoTrack,
  MATROSKA,
  MP4,
  QTFF,
  VideoSampleSink,
  WEBM,
} from "mediabunny";
import { nameOf, READ } from "./coding";
import { Planes } from "./planes";

export interface Clip {
  input: Input;
  format: InputFormat;
  video: InputVideoTrack;
  audio: InputAudioTrack[];
  width: number;
  height: number;
  /** Frames a second and bits a second of the video, of its beginning. */
  rate: number;
  bitrate: number;
  /** Seconds at which it starts and ends, as the file says. */
  start: number;
  end: number;
}

/** Packets that are looked at for rates. */
const ENOUGH = 200;

/** Opens a clip; rejects with a sentence where it is none, or one that this browser cannot decode. */
export async function openClip(file: Blob): Promise<Clip> {
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, WEBM, MATROSKA] });
  try {
    return await opened(input);
  } catch (error) {
    input.dispose();
    throw error;
  }
}

async function opened(input: Input): Promise<Clip> {
  if (!(await input.canRead().catch(() => false))) throw new Error(`This is not a clip that can be read here: ${READ} can.`);
  const video = await input.getPrimaryVideoTrack();
  if (!video) throw new Error("There is no video in this file.");
  const codec = await video.getCodec();
  if (!codec) throw new Error(`Its video is of a kind that this browser cannot decode (${await video.getInternalCodecId()}).`);
  if (!("VideoDecoder" in window)) throw new Error("This browser has no WebCodecs, so it cannot sharpen clips; a newer one can.");
  if (!(await video.canDecode())) throw new Error(`This browser cannot decode ${nameOf(codec)} video; use another one, or sharpcli enhance.`);
  const { averagePacketRate: rate, averageBitrate: bitrate, packetCount } = await video.computePacketStats(ENOUGH);
  if (!packetCount) throw new Error("The clip is cut off, or damaged, before its first frame.");
  const start = await input.getFirstTimestamp([video]);
  return {
    input,
    format: await input.getFormat(),
    video,
    audio: await input.getAudioTracks(),
    width: await video.getCodedWidth(),
    height: await video.getCodedHeight(),
    rate,
    bitrate,
    start,
    end: (await input.getDurationFromMetadata([video])) ?? (await input.computeDuration([video])),
  };
}

/** Frames that are looked at until one shows something: many a clip begins with black. */
const LOOKED_AT = 50;
/** Mean distance from the mean, in levels, from which on a frame shows something. */
const SOMETHING = 4;

/** Luma of the first frame that shows something, as gray pixels: for who looks at what the clip went through. */
export async function telling(clip: Clip): Promise<ImageData> {
  const planes = new Planes();
  let best: ImageData | undefined;
  let count = 0;
  for await (using sample of new VideoSampleSink(clip.video).samples()) {
    const frame = sample.toVideoFrame();
    try {
      best = await planes.read(frame);
    } finally {
      frame.close();
    }
    if (spread(best) >= SOMETHING || ++count === LOOKED_AT) break;
  }
  if (!best) throw new Error("The clip holds no frame that can be decoded.");
  return best;
}

function spread({ data, width, height }: ImageData): number {
  const count = width * height;
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) sum += data[at];
  const mean = sum / count;
  let apart = 0;
  for (let at = 0; at < data.length; at += 4) apart += Math.abs(data[at] - mean);
  return apart / count;
}
