/**
 * Makes frames fit for a network on WebGPU: even sides, and a mirrored margin for those that were trained with one.
 *
 * Always by way of a canvas: drivers that cannot import a camera's frames (SwiftShader is one) can all import that.
 */

import type { Source } from "../backends/backend";

export class Mirror {
  private canvas?: OffscreenCanvas;

  /** `margin` in pixels around the frame; even. */
  constructor(readonly margin: number) {}

  /** The frame on a canvas, which the next one uses again. */
  of(source: Source, width: number, height: number): OffscreenCanvas {
    const { margin } = this;
    const [wide, high] = [even(width), even(height)].map((side) => side + 2 * margin);
    if (this.canvas?.width !== wide || this.canvas.height !== high) this.canvas = new OffscreenCanvas(wide, high);
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("This browser has no memory for a frame's margin.");
    context.imageSmoothingEnabled = false;
    // What lies beyond each edge is the frame again, upside down or the wrong way round, as far as it is needed.
    for (const [column, left] of spans(margin, width)) {
      for (const [row, top] of spans(margin, height)) {
        context.setTransform(column, 0, 0, row, left, top);
        context.drawImage(source, 0, 0, width, height);
      }
    }
    return this.canvas;
  }

  /** Pixels of the frame that was drawn last. */
  pixels(): ImageData {
    const { canvas } = this;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) throw new Error("No frame was drawn.");
    return context.getImageData(0, 0, canvas.width, canvas.height);
  }
}

/** Direction and origin of the frame before, behind and at its place, in the order in which they are drawn. */
function spans(margin: number, side: number): [number, number][] {
  const beyond: [number, number][] = [
    [-1, margin],
    [-1, margin + 2 * side],
  ];
  return margin || side % 2 ? [...beyond, [1, margin]] : [[1, 0]];
}

function even(side: number): number {
  return side + (side % 2);
}
