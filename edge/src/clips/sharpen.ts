/** A clip through a network into a file: frame by frame, audio as it is, times and rotation kept. */

import { EncodedAudioPacketSource, Output, type OutputFormat, StreamTarget, VideoSample, VideoSampleSink, VideoSampleSource } from "mediabunny";
import { AudioCopy } from "./audio";
import { type Checked, checkClip, type Meant } from "./check";
import type { Clip } from "./clip";
import { chooseCoding, outputFormat } from "./coding";
import type { Destination } from "./destination";
import { Planes } from "./planes";
import { inWords } from "./problem";
import { Pace, type Progress } from "./progress";
import { uncarried } from "./uncarried";

export interface ClipOptions {
  /** Sharpened pixels of the same size. */
  enhance(pixels: ImageData): Promise<ImageData>;
  onProgress?(progress: Progress): void;
  /** Stops after the frame in work and deletes what was begun; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

export interface SharpenedClip {
  file: Blob;
  frames: number;
  /** Sentences: another codec, what is not carried over, a clip that is cut off. */
  notes: string[];
  checked: Checked;
}

/** Seconds by which all that a clip holds may end earlier than its file says before it counts as cut off. */
const CUT = 0.5;
/** Seconds between key frames. */
const KEYS = 2;

/**
 * Sharpens a clip of `file`, which stays open, and checks the result before it is handed over. Rejects with a sentence and
 * leaves nothing behind where the clip is damaged, cannot be written, or comes back wrong.
 */
export async function sharpenClip(file: Blob, clip: Clip, destination: Destination, options: ClipOptions): Promise<SharpenedClip> {
  const format = outputFormat(clip.format);
  const output = new Output({ format, target: new StreamTarget(destination.writable, { chunked: true }) });
  try {
    const { meant, frames, notes } = await written(file, clip, output, format, options);
    const result = await destination.file();
    const checked = await checkClip(result, frames, meant[0], meant[1]);
    return { file: result, frames, notes, checked };
  } catch (error) {
    if (output.state !== "finalized" && output.state !== "canceled") await output.cancel().catch(() => {});
    await destination.writable.abort().catch(() => {});
    await destination.discard();
    throw error;
  }
}

async function written(file: Blob, clip: Clip, output: Output, format: OutputFormat, { enhance, onProgress, signal }: ClipOptions) {
  const codec = await clip.video.getCodec();
  if (!codec) throw new Error("Its video cannot be decoded.");
  const coding = await chooseCoding(codec, format, clip);
  const source = new VideoSampleSource({ codec: coding.codec, bitrate: coding.bitrate, keyFrameInterval: KEYS });
  output.addVideoTrack(source, {
    rotation: await clip.video.getRotation(),
    flip: await clip.video.getFlip(),
    languageCode: await clip.video.getLanguageCode(),
    name: (await clip.video.getName()) ?? undefined,
  });
  const notes = [coding.note];
  const audio: AudioCopy[] = [];
  for (const track of clip.audio) {
    const known = await track.getCodec();
    if (known && format.getSupportedAudioCodecs().includes(known)) {
      const copy = new EncodedAudioPacketSource(known);
      audio.push(await AudioCopy.of(track, copy, output));
    } else notes.push(`One of its audio tracks (${known ?? "of an unknown kind"}) is not carried over.`);
  }
  output.setMetadataTags(await clip.input.getMetadataTags());
  await output.start();

  const pace = new Pace(clip.start, clip.end);
  const planes = new Planes();
  let first: Meant | undefined;
  let last: Meant | undefined;
  let frames = 0;
  let end = clip.start;
  let ours: unknown;
  try {
    for await (using sample of new VideoSampleSink(clip.video).samples()) {
      signal?.throwIfAborted();
      if (sample.timestamp < 0) continue; // before the beginning: never shown
      const frame = sample.toVideoFrame();
      let result: VideoFrame;
      try {
        if (!frames) notes.push(...(await uncarried(file, clip, frame)));
        const pixels = await planes.read(frame);
        const luma = await enhance(pixels).catch((error: unknown) => {
          throw (ours = error);
        });
        last = { seconds: sample.timestamp, luma };
        first ??= last;
        result = planes.with(luma);
      } finally {
        frame.close();
      }
      // Closes the frame as well.
      using sharpened = new VideoSample(result, { timestamp: sample.timestamp, duration: sample.duration });
      for (const one of audio) await one.until(sample.timestamp);
      await source.add(sharpened);
      frames += 1;
      end = sample.timestamp + sample.duration;
      onProgress?.(pace.at(frames, end));
    }
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error === ours ? error : inWords(error, end);
  }
  if (!first || !last) throw new Error("The clip holds no frame that can be decoded.");
  onProgress?.({ frames, share: 1 });
  source.close();
  for (const one of audio) await one.until(Infinity);
  const whole = Math.max(end, ...audio.map((one) => one.end));
  if (whole < clip.end - CUT) notes.push(`The clip is damaged or cut off: it ends at ${whole.toFixed(1)} s and not at ${clip.end.toFixed(1)} s.`);
  await output.finalize();
  return { meant: [first, last] as const, frames, notes: notes.filter(Boolean) };
}
