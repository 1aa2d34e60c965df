/** What runs a stack: WebGPU, WebGL2 or WebAssembly. */

import type { Stack } from "../networks/network";

/** `half` stores features as 16-bit floats, and computes so where the device can; `int8` needs weights that have it. */
export type Precision = "float" | "half" | "int8";

/** Everything that can be drawn from: a frame, a video, a canvas, a picture. */
export type Source = VideoFrame | HTMLVideoElement | HTMLCanvasElement | OffscreenCanvas | ImageBitmap;

export interface Backend {
  readonly name: "webgpu" | "webgl2" | "wasm";
  /** The device in words, for the benchmark's line: adapter, and what it can do. */
  readonly device: string;
  readonly precisions: readonly Precision[];
  /** Pixels of the largest image that one call of `Runner.image` takes. */
  readonly mostPixels: number;
  compile(stack: Stack, precision: Precision): Promise<Runner>;
  /** Settles with the reason when the device is gone; whoever uses the backend opens another one. */
  readonly lost: Promise<string>;
  close(): void;
}

/** A stack ready to run. One call at a time. */
export interface Runner {
  readonly precision: Precision;
  /**
   * Sharpened pixels of the same size, both sides even: luma (BT.601) goes through the stack, and `strength` times its
   * change is added to R, G and B alike; alpha stays. Rounded to the nearest level. Beyond the edges are zeros.
   */
  image(pixels: ImageData, strength: number): Promise<ImageData>;
  /**
   * Sharpens a frame into `canvas`, which gets the frame's size; only on WebGPU and WebGL2, where nothing is read back.
   * Textures are made once a size. The source is not closed. The canvas can be read (drawn, made a VideoFrame) in the
   * task in which the promise resolves, not later; the device may still be at it, and the next call waits for that.
   */
  frame?(source: Source, canvas: OffscreenCanvas | HTMLCanvasElement, strength: number): Promise<void>;
  close(): void;
}
