/** A page for tests of clips: they call what it puts on `window`. Not part of the build. */

import { type BackendName, openBackend } from "../../src/backends/open";
import { openClip } from "../../src/clips/clip";
import { parts, privateFile } from "../../src/clips/destination";
import type { Progress } from "../../src/clips/progress";
import { ClipRunner } from "../../src/clips/runner";
import { sharpenClip } from "../../src/clips/sharpen";
import { loadStack } from "../../src/networks/load";

interface Asked {
  clip: string;
  profile?: string;
  vector?: number[];
  strength?: number;
  backend?: BackendName;
  /** Stops after so many frames. */
  stopAfter?: number;
  parts?: boolean;
}

interface Frames {
  opened: number;
  closed: number;
}

/** Counts frames that are made and closed: none may be left to the garbage collector. */
function counted(): Frames {
  const frames = { opened: 0, closed: 0 };
  const { close, clone } = VideoFrame.prototype;
  const open = new WeakSet<VideoFrame>();
  const Original = VideoFrame;
  const note = (frame: VideoFrame): VideoFrame => {
    open.add(frame);
    frames.opened += 1;
    return frame;
  };
  window.VideoFrame = new Proxy(Original, { construct: (_, given) => note(Reflect.construct(Original, given)) });
  Original.prototype.clone = function () {
    return note(clone.call(this));
  };
  Original.prototype.close = function () {
    if (open.delete(this)) frames.closed += 1;
    close.call(this);
  };
  return frames;
}

const counts = counted();

/** The sharpened clip as base64 with what was told of it, or the sentence that says why there is none. */
async function sharpen(asked: Asked) {
  const file = await (await fetch(asked.clip)).blob();
  const stop = new AbortController();
  const progress: Progress[] = [];
  let runner: ClipRunner | undefined;
  try {
    const clip = await openClip(file);
    const { profile = "photo", vector, strength = 1 } = asked;
    const stack = await loadStack({ enhancer: "student-live", profile, vector }, new URL("networks/", location.href));
    runner = new ClipRunner(() => openBackend(asked.backend), stack!, strength, stop.signal);
    const running = runner;
    const destination = asked.parts ? parts() : await privateFile("test.out");
    const result = await sharpenClip(file, clip, destination, {
      enhance: (pixels) => running.enhance(pixels),
      onProgress(now) {
        progress.push(now);
        if (now.frames === asked.stopAfter) stop.abort();
      },
      signal: stop.signal,
    });
    clip.input.dispose();
    return { ...result, bytes: await base64(result.file), counts, progress };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), stopped: stop.signal.aborted, left: await left() };
  } finally {
    runner?.close();
  }
}

/** Names of the files that the page keeps. */
async function left(): Promise<string[]> {
  const names: string[] = [];
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("sharpcli-clips", { create: true });
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  return names;
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

Object.assign(window, { sharpen });
