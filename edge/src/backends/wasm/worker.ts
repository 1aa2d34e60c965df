/** A worker of the backend: an instance of the kernels with memory of its own. */

import type { Stack } from "../../networks/network";
import { Kernels } from "./kernels";
import type { Answer, Band, Order } from "./messages";
import { Stream } from "./stream";

let kernels: Kernels | undefined;
let stack: Stack | undefined;
let stream: { width: number; run: Stream } | undefined;

self.onmessage = ({ data }: MessageEvent<Order>) => {
  if ("module" in data) {
    kernels = new Kernels(data.module);
  } else if ("stack" in data) {
    [stack, stream] = [data.stack, undefined];
  } else {
    answer(data.band, data.strength);
  }
};

function answer(band: Band, strength: number): void {
  let reply: Answer;
  try {
    reply = { pixels: sharpened(band, strength) };
  } catch (error) {
    stream = undefined;
    reply = { failure: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(reply, { transfer: "pixels" in reply ? [reply.pixels] : [] });
}

function sharpened(band: Band, strength: number): ArrayBuffer {
  if (!kernels || !stack) {
    throw new Error("A worker was given pixels before a network.");
  }
  if (stream?.width !== band.width) {
    stream = { width: band.width, run: new Stream(kernels, stack, band.width / 2) };
  }
  const pixels = new Uint8ClampedArray(band.pixels);
  stream.run.run(pixels, strength);
  const row = band.width * 4;
  return pixels.slice(band.above * row, (band.above + band.wanted) * row).buffer;
}
