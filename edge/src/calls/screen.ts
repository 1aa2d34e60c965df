/** Where live frames are shown and sent on: one canvas for all backends and for frames as they come, and its track. */

import type { Drawn } from "./engine";
import type { Incoming } from "./incoming";
import { outgoing, type Outgoing } from "./outgoing";

export class Screen {
  readonly stream: MediaStream;
  private readonly context: CanvasRenderingContext2D;
  private readonly output: Outgoing;

  /** Throws where the canvas has another kind of context. */
  constructor(readonly canvas: HTMLCanvasElement = document.createElement("canvas")) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("The canvas is in use for something else; give one that was never drawn to.");
    this.context = context;
    this.output = outgoing(canvas);
    this.stream = new MediaStream([this.output.track]);
  }

  /** Shows and sends what was drawn of a frame, or the frame as it came. */
  async show({ source, width, height, timestamp }: Incoming, result: Drawn | undefined): Promise<void> {
    // Setting a side empties a canvas.
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    if (result) this.context.drawImage(result.canvas, result.at, result.at, width, height, 0, 0, width, height);
    else this.context.drawImage(source, 0, 0, width, height);
    await this.output.send(timestamp);
  }

  stop(): void {
    this.output.stop();
  }
}

/** Pixels of a frame as it came. */
export function pixelsOf({ source, width, height }: Incoming): ImageData | undefined {
  const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
  context?.drawImage(source, 0, 0, width, height);
  return context?.getImageData(0, 0, width, height);
}
