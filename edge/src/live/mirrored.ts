/** A frame with its edges mirrored around it, as conditioned networks want it, and both sides even. */

import { even } from "../pixels/regions";

/** Draws `frame` into `canvas` with `margin` mirrored rows and columns around it; odd sides get one more. */
export function mirrored(frame: HTMLCanvasElement, margin: number, canvas: HTMLCanvasElement): HTMLCanvasElement {
  const { width, height } = frame;
  sized(canvas, even(width + 2 * margin), even(height + 2 * margin));
  const context = canvas.getContext("2d")!;
  // Nine times the frame, flipped where it lies beyond an edge; the canvas cuts off what is too far away.
  for (const row of [-1, 0, 1]) {
    for (const column of [-1, 0, 1]) {
      const [x, flipX] = place(column, width, margin);
      const [y, flipY] = place(row, height, margin);
      context.setTransform(flipX, 0, 0, flipY, x, y);
      context.drawImage(frame, 0, 0);
    }
  }
  context.resetTransform();
  return canvas;
}

/** The part of a mirrored frame's result that is the frame. */
export function cut(result: HTMLCanvasElement, frame: HTMLCanvasElement, margin: number, canvas: HTMLCanvasElement): HTMLCanvasElement {
  sized(canvas, frame.width, frame.height);
  canvas.getContext("2d")!.drawImage(result, -margin, -margin);
  return canvas;
}

/** Setting a canvas's size makes it anew, so that is done only where it changes. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
}

function place(side: number, length: number, margin: number): [number, number] {
  if (side === 0) return [margin, 1];
  return side < 0 ? [margin, -1] : [margin + 2 * length, -1];
}
