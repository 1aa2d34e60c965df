/** A page for tests of the camera: they call what it puts on `window`. Not part of the build. */

import type { Track, TrackProcessor } from "livekit-client";
import { type BackendName, openBackend } from "../../src/backends/open";
import { openCamera } from "../../src/calls/camera";
import { SharpTrackProcessor } from "../../src/calls/processor";
import { sharpen, type Sharpened } from "../../src/calls/sharpen";

interface Asked {
  profile: string;
  backend: BackendName;
  /** Takes MediaStreamTrackProcessor and its like away, as browsers without them are. */
  without?: boolean;
  /** Takes the graphics device away after the first sharp frame, and waits for another one. */
  lose?: boolean;
  /** Says that the page is in the background at the end. */
  hide?: boolean;
}

const contexts: WebGL2RenderingContext[] = [];
const { getContext } = OffscreenCanvas.prototype;
OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, ...given: unknown[]): unknown {
  const context: unknown = Reflect.apply(getContext, this, given);
  if (context instanceof WebGL2RenderingContext) contexts.push(context);
  return context;
} as typeof getContext;

/** Pixels of the camera's frames as they come and sharpened, as base64, and what was told. */
async function watch(asked: Asked) {
  for (const name of ["MediaStreamTrackProcessor", "MediaStreamTrackGenerator"]) if (asked.without) Reflect.deleteProperty(window, name);
  const track = await openCamera();
  const networks = new URL("networks/", location.href);
  const said: string[] = [];
  let opened = 0;
  const live = sharpen(track, {
    enhancer: "student-live",
    profile: asked.profile,
    networks,
    backend: () => (opened++, openBackend(asked.backend)),
    onStatus: ({ sentence }) => said.push(sentence),
  });
  await until(() => live.status.frames > 0);
  const before = pixelsOf(live);
  await until(() => pixelsOf(live) !== before);
  const after = pixelsOf(live);
  const first = opened;
  if (asked.lose) {
    contexts.at(-1)?.getExtension("WEBGL_lose_context")?.loseContext();
    await until(() => pixelsOf(live) === before);
    await until(() => opened > first && pixelsOf(live) !== before);
  }
  if (asked.hide) {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }
  const { status } = live;
  const shown = await played(live.stream);
  live.stop();
  const [made] = live.stream.getVideoTracks();
  const states = [track.readyState, made.readyState];
  track.stop();
  return { before, after, size: [live.canvas.width, live.canvas.height], shown, status, said, states, opened };
}

/** Width and height at which others see the stream. */
async function played(stream: MediaStream): Promise<[number, number]> {
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = stream;
  await video.play();
  return [video.videoWidth, video.videoHeight];
}

function pixelsOf({ canvas }: Sharpened): string {
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let at = 0; at < data.length; at += 32_768) text += String.fromCharCode(...data.subarray(at, at + 32_768));
  return btoa(text);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** What LiveKit does with a processor, in its order; the states of its tracks on the way. */
async function process(): Promise<string[]> {
  const options = { networks: new URL("networks/", location.href), profile: "x2" };
  const processor = new SharpTrackProcessor(options) satisfies TrackProcessor<Track.Kind.Video>;
  const one = await openCamera();
  const states: string[] = [processor.name, String(processor.processedTrack)];
  await processor.init({ track: one });
  const first = processor.processedTrack!;
  states.push(`${first.kind} ${first.readyState}`);
  await processor.restart({ track: one.clone() });
  const second = processor.processedTrack!;
  states.push(`${first.readyState} ${second.readyState}`);
  await processor.destroy();
  states.push(`${second.readyState} ${processor.processedTrack} ${one.readyState}`);
  return states;
}

/** The sentences for a camera that cannot be had for these reasons. */
function refused(reasons: string[]): Promise<string[]> {
  return Promise.all(
    reasons.map((reason) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", reason));
      return openCamera().then(() => "", ({ message }: Error) => message);
    }),
  );
}

Object.assign(window, { watch, process, refused });
