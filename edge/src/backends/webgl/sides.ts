/** Sources as they are shown. */

import type { Source } from "../backend";

/** Width and height of a source as it is shown. */
export function sides(source: Source): { width: number; height: number } {
  if ("displayWidth" in source) return { width: source.displayWidth, height: source.displayHeight };
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  return { width: source.width, height: source.height };
}

/** Draws frames whose pixels are not square, or turned, on a canvas that is kept: WebGL takes them as they lie. */
export class Straightener {
  #canvas: OffscreenCanvas | null = null;

  /** A source whose pixels lie as they are shown. */
  straight(source: Source): Source {
    if (!("displayWidth" in source) || !source.visibleRect) return source;
    const { width, height } = sides(source);
    const turned = "rotation" in source && source.rotation !== 0;
    if (!turned && source.visibleRect.width === width && source.visibleRect.height === height) return source;
    const canvas = (this.#canvas ??= new OffscreenCanvas(width, height));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    canvas.getContext("2d")!.drawImage(source, 0, 0, width, height);
    return canvas;
  }
}
