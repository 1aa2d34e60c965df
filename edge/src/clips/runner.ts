/** A network for all frames of a clip, on another backend where one is lost on the way. */

import type { Backend, Runner } from "../backends/backend";
import type { Stack } from "../networks/network";
import { enhanceImage } from "../pixels/enhance";

/** Backends in a row that may fail at the same frame. */
const TRIES = 3;

export class ClipRunner {
  private running?: Promise<Runner>;

  constructor(
    private readonly open: () => Promise<Backend>,
    private readonly stack: Stack,
    private readonly strength: number,
    private readonly signal?: AbortSignal,
  ) {}

  /** Sharpened pixels; rejects with a sentence when no backend is left. */
  async enhance(pixels: ImageData): Promise<ImageData> {
    for (let tries = 1; ; tries++) {
      try {
        this.running ??= this.compiled();
        return await enhanceImage(await this.running, this.stack, pixels, { strength: this.strength, signal: this.signal });
      } catch (error) {
        if (this.signal?.aborted || tries === TRIES) throw error;
        this.close();
        // What opens backends hears of a loss in a task of its own.
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
  }

  close(): void {
    void this.running?.then((runner) => runner.close()).catch(() => {});
    this.running = undefined;
  }

  private async compiled(): Promise<Runner> {
    const backend = await this.open();
    const whole = backend.name === "wasm" && this.stack.convolutions.every((one) => one.rounding);
    return backend.compile(this.stack, whole && backend.precisions.includes("int8") ? "int8" : "float");
  }
}
