/** A stack on a device: images in and out, frames to a canvas. */

import type { Precision, Runner, Source } from "../backend";
import { type Device, withRoom } from "./device";
import type { Program } from "./program";
import { featureBytes, Surface } from "./surface";

export class GpuRunner implements Runner {
  readonly precision: Precision;
  private surface?: Surface;
  private readonly shown = new WeakMap<object, GPUCanvasContext>();
  /** Of the last frame that was handed to the device. */
  private drawn?: Promise<unknown>;

  constructor(private readonly device: Device, private readonly program: Program) {
    this.precision = program.format.precision;
  }

  async image(pixels: ImageData, strength: number): Promise<ImageData> {
    const { width, height } = pixels;
    return this.guarded(async () => {
      const { gpu } = this.device;
      const surface = await this.sized(width, height);
      const bytes = pixels.data as Uint8ClampedArray<ArrayBuffer>;
      gpu.queue.writeTexture({ texture: surface.picture }, bytes, { bytesPerRow: 4 * width }, [width, height]);
      const result = new ImageData(width, height, { colorSpace: pixels.colorSpace });
      const encoder = gpu.createCommandEncoder();
      surface.encode(encoder, strength);
      await surface.read(encoder, result);
      return result;
    });
  }

  async frame(source: Source, canvas: OffscreenCanvas | HTMLCanvasElement, strength: number): Promise<void> {
    const [width, height] = sizeOf(source);
    return this.guarded(async () => {
      const { gpu } = this.device;
      // Whoever draws the canvas has to do so before the task ends, in which the browser takes its contents: so this
      // frame is not waited for, but the one before, lest frames pile up.
      await this.drawn;
      const surface = await this.sized(width, height);
      gpu.queue.copyExternalImageToTexture({ source }, { texture: surface.picture }, [width, height]);
      const encoder = gpu.createCommandEncoder();
      surface.encode(encoder, strength);
      const texture = this.context(canvas, width, height).getCurrentTexture();
      encoder.copyTextureToTexture({ texture: surface.result }, { texture }, [width, height]);
      gpu.queue.submit([encoder.finish()]);
      this.drawn = gpu.queue.onSubmittedWorkDone().catch(() => undefined);
    });
  }

  close(): void {
    this.surface?.destroy();
    this.surface = undefined;
    this.program.destroy();
  }

  /** The surface of this size; another size's is given back first. */
  private async sized(width: number, height: number): Promise<Surface> {
    if (this.surface?.width === width && this.surface.height === height) return this.surface;
    this.surface?.destroy();
    this.surface = undefined;
    const { maxTextureDimension2D, maxStorageBufferBindingSize } = this.device.gpu.limits;
    const { groups, format } = this.program;
    const sentence = `${width}x${height} pixels are too many for this graphics device at once: use smaller tiles.`;
    const bytes = featureBytes(width, height, groups, format.bytes);
    if (Math.max(width, height) > maxTextureDimension2D || bytes > maxStorageBufferBindingSize) throw new Error(sentence);
    const memory = `The graphics device has no memory left for ${width}x${height} pixels`;
    const full = `${memory}: use smaller tiles or close other pages.`;
    this.surface = await withRoom(this.device, full, () => new Surface(this.device, this.program, width, height));
    return this.surface;
  }

  private context(canvas: OffscreenCanvas | HTMLCanvasElement, width: number, height: number): GPUCanvasContext {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    let context = this.shown.get(canvas);
    if (!context) {
      const made = canvas.getContext("webgpu") as GPUCanvasContext | null;
      if (!made) throw new Error("This canvas was drawn to in another way: give a new one.");
      // Opaque: what is shown is video, and levels next to alpha 0 would be lost in premultiplied ones.
      const usage = GPUTextureUsage.COPY_DST;
      made.configure({ device: this.device.gpu, format: "rgba8unorm", usage, alphaMode: "opaque" });
      this.shown.set(canvas, (context = made));
    }
    return context;
  }

  /** Where the device goes while something runs, that is the reason which callers are told. */
  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    const gone = () => this.device.gone();
    if (gone()) throw new Error(gone());
    try {
      const done = await work();
      if (!gone()) return done;
    } catch (error) {
      // The news of the loss may come a moment after the failure that it caused.
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
      if (!gone()) throw error;
    }
    throw new Error(gone());
  }
}

function sizeOf(source: Source): [number, number] {
  if ("displayWidth" in source) return [source.displayWidth, source.displayHeight];
  if ("videoWidth" in source) return [source.videoWidth, source.videoHeight];
  return [source.width, source.height];
}
