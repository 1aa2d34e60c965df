/** What Python calls on the page: a backend, a network, and images through it. */

import type { Backend, Precision, Runner } from "../../src/backends/backend";
import { type BackendName, openBackend } from "../../src/backends/open";
import { fold } from "../../src/networks/fold";
import type { Stack } from "../../src/networks/network";
import { readNetwork } from "../../src/networks/read";
import { enhanceImage } from "../../src/pixels/enhance";

let backend: Backend | undefined;
let runner: Runner | undefined;
let stack: Stack | undefined;

const harness = {
  async open(name?: BackendName) {
    backend?.close();
    runner = undefined;
    backend = await openBackend(name);
    return { name: backend.name, device: backend.device, precisions: backend.precisions, mostPixels: backend.mostPixels };
  },

  /** Milliseconds that compiling the network of a file took. */
  async compile(file: string, precision: Precision, vector?: number[]) {
    const response = await fetch(file);
    stack = fold(readNetwork(await response.arrayBuffer()), vector);
    const begin = performance.now();
    runner?.close();
    runner = await backend!.compile(stack, precision);
    return performance.now() - begin;
  },

  /** Bytes of R, G, B, A as base64, and back. */
  async image(base64: string, width: number, strength = 1, tile?: number) {
    const bytes = Uint8ClampedArray.from(atob(base64), (letter) => letter.charCodeAt(0));
    const pixels = new ImageData(bytes, width);
    const result = await enhanceImage(runner!, stack!, pixels, { strength, tile });
    return encoded(result.data);
  },

  /** The same by way of a frame on a canvas; alpha does not survive that. */
  async frame(base64: string, width: number, strength = 1) {
    const bytes = Uint8ClampedArray.from(atob(base64), (letter) => letter.charCodeAt(0));
    const height = bytes.length / 4 / width;
    const frame = new VideoFrame(bytes, { format: "RGBA", codedWidth: width, codedHeight: height, timestamp: 0 });
    const canvas = new OffscreenCanvas(1, 1);
    try {
      await runner!.frame!(frame, canvas, strength);
    } finally {
      frame.close();
    }
    const seen = new OffscreenCanvas(width, height).getContext("2d")!;
    seen.drawImage(canvas, 0, 0);
    return encoded(seen.getImageData(0, 0, width, height).data);
  },

  /** One picture again and again, as a camera would bring it (`frame`) or as a still; for what is left behind. */
  async repeat(way: "frame" | "image", width: number, height: number, count: number) {
    const pixels = new ImageData(width, height);
    pixels.data.forEach((_, index) => (pixels.data[index] = (index * 2654435761) >>> 24));
    const canvas = new OffscreenCanvas(width, height);
    for (let index = 0; index < count; index++) {
      if (way === "image") await runner!.image(pixels, 1);
      else {
        const size = { codedWidth: width, codedHeight: height };
        const frame = new VideoFrame(pixels.data, { format: "RGBX", ...size, timestamp: index });
        await runner!.frame!(frame, canvas, 1);
        frame.close();
      }
    }
  },

  /** Milliseconds of `count` images of noise, one after another. */
  async time(width: number, height: number, count: number) {
    const pixels = new ImageData(width, height);
    pixels.data.forEach((_, index) => (pixels.data[index] = (index * 2654435761) >>> 24));
    const times: number[] = [];
    for (let index = 0; index < count; index++) {
      const begin = performance.now();
      await runner!.image(pixels, 1);
      times.push(performance.now() - begin);
    }
    return times;
  },

  lost: () => backend!.lost,
  close: () => backend!.close(),
};

function encoded(bytes: Uint8ClampedArray): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

declare global {
  interface Window {
    harness: typeof harness;
  }
}
window.harness = harness;
