/** A worker of the backend: an instance of the kernels with memory of its own. */

import type { Stack } from "../../networks/network";
import { answer } from "../../workers/answer";
import { Kernels } from "./kernels";
import type { Answer, Band, Order } from "./messages";
import { Stream } from "./stream";

let kernels: Kernels | undefined;
let stack: Stack | undefined;
let stream: { width: number; run: Stream } | undefined;

answer<Order, Answer>((order) => {
  if ("band" in order) {
    const pixels = sharpened(order.band, order.strength);
    return [{ pixels }, [pixels]];
  }
  if ("module" in order) kernels = new Kernels(order.module);
  else stack = order.stack;
  stream = undefined;
  return [{ pixels: new ArrayBuffer(0) }, []];
});

function sharpened(band: Band, strength: number): ArrayBuffer {
  if (!kernels || !stack) throw new Error("A worker was given pixels before a network.");
  if (stream?.width !== band.width) {
    // Where there is no memory for this one, the one before is gone as well.
    stream = undefined;
    stream = { width: band.width, run: new Stream(kernels, stack, band.width / 2) };
  }
  const pixels = new Uint8ClampedArray(band.pixels);
  stream.run.run(pixels, strength);
  const row = band.width * 4;
  return pixels.slice(band.above * row, (band.above + band.wanted) * row).buffer;
}
