/** The benchmark: milliseconds a frame at four sizes, and a line to report them. */

import type { Backend, Precision, Runner } from "../backends/backend";
import type { Stack } from "../networks/network";

export const SIZES = [[640, 360], [960, 540], [1280, 720], [1920, 1080]] as const;
const WARM_UP = 2;
const FRAMES = 15;
const LONGEST = 8000; // milliseconds for one size and precision: slow devices do fewer frames

export interface Timing {
  size: string;
  precision: Precision;
  /** Median of the frames; null where the device could not. */
  milliseconds: number | null;
  frames: number;
}

/** Measures each size at each precision; `told` hears what comes next. Rejects with the signal's reason. */
export async function measure(
  backend: Backend, stack: Stack, told: (what: string, share: number) => void, signal: AbortSignal,
): Promise<Timing[]> {
  const timings: Timing[] = [];
  const all = backend.precisions.length * SIZES.length;
  let lost: string | undefined;
  void backend.lost.then((reason) => (lost = reason));
  for (const precision of backend.precisions) {
    const runner = await backend.compile(stack, precision).catch(() => undefined);
    for (const [width, height] of SIZES) {
      told(`${width}x${height}, ${precision}`, timings.length / all);
      const times = runner ? await timesOf(runner, width, height, signal).catch(only(signal)) : [];
      if (lost) throw new Error(`At ${width}x${height}, ${precision}: ${lost}.`);
      const milliseconds = times.length ? times.sort((a, b) => a - b)[times.length >> 1] : null;
      timings.push({ size: `${width}x${height}`, precision, milliseconds, frames: times.length });
    }
    runner?.close();
  }
  return timings;
}

/** As a user would report it. */
export function report(backend: Backend, network: string, timings: Timing[]): string {
  const figures = timings.map(({ size, precision, milliseconds }) =>
    `${size} ${precision} ${milliseconds === null ? "failed" : `${milliseconds.toFixed(1)} ms`}`);
  return `sharpcli edge | ${network} | ${backend.name}, ${backend.device} | ${figures.join(", ")} | ${navigator.userAgent}`;
}

async function timesOf(runner: Runner, width: number, height: number, signal: AbortSignal): Promise<number[]> {
  const frame = framesOf(runner, width, height);
  const times: number[] = [];
  const begun = performance.now();
  for (let index = 0; index < WARM_UP + FRAMES; index++) {
    signal.throwIfAborted();
    if (document.hidden) throw new Error("The page is in the background, where browsers slow it down: measure again.");
    const start = performance.now();
    await frame();
    const late = performance.now() - begun > LONGEST;
    if (index >= WARM_UP || late) times.push(performance.now() - start);
    if (late) break;
    await new Promise((resolve) => setTimeout(resolve));
  }
  return times;
}

/** One frame's work, until its pixels are there: onto a canvas where the backend can, else as a still. */
function framesOf(runner: Runner, width: number, height: number): () => Promise<unknown> {
  const pixels = new ImageData(width, height);
  crypto.getRandomValues(new Uint8Array(pixels.data.buffer, 0, 65536)); // the most that is given at a time
  for (let at = 65536; at < pixels.data.length; at += 65536) pixels.data.copyWithin(at, 0, 65536);
  if (!runner.frame) return () => runner.image(pixels, 1);
  const source = new OffscreenCanvas(width, height);
  source.getContext("2d")?.putImageData(pixels, 0, 0);
  const target = new OffscreenCanvas(width, height);
  const seen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  return async () => {
    await runner.frame?.(source, target, 1);
    // One pixel is read back, for only then is it sure that the device has finished.
    seen?.drawImage(target, 0, 0);
    seen?.getImageData(0, 0, 1, 1);
  };
}

function only(signal: AbortSignal): (error: unknown) => never[] {
  return (error) => {
    if (signal.aborted || document.hidden) throw error;
    return []; // this size is too much for the device; the others count
  };
}
