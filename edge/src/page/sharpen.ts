/** One picture through one runner, onto a canvas of its size. */

import type { Runner } from "../backends/backend";
import type { Stack } from "../networks/network";
import { type EnhanceOptions, enhanceRegions } from "../pixels/enhance";
import { type Picture, readerOf } from "./picture";

/** The sharpened picture and whether it has transparent parts; rejects with a sentence, or the signal's reason. */
export async function sharpenPicture(
  picture: Picture, stack: Stack, runner: Runner, options: EnhanceOptions,
): Promise<{ canvas: OffscreenCanvas; transparent: boolean }> {
  const { canvas, context } = canvasFor(picture);
  let transparent = false;
  await enhanceRegions(runner, stack, picture, readerOf(picture), (part, from, x, y) => {
    transparent ||= hasTransparent(part);
    context.putImageData(part, x - from.x, y - from.y, from.x, from.y, from.width, from.height);
  }, options);
  return { canvas, transparent };
}

function hasTransparent({ data }: ImageData): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] < 255) return true;
  return false;
}

/** The picture as it is, for a strength of 0 and where nothing is to be undone. */
export function unchanged(picture: Picture): OffscreenCanvas {
  const { canvas, context } = canvasFor(picture);
  context.drawImage(picture.bitmap, 0, 0);
  return canvas;
}

/** A canvas of a picture's size; browsers have limits of their own, and none says that one was passed. */
function canvasFor({ width, height, colorSpace }: Picture) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { colorSpace, willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const mark = new ImageData(new Uint8ClampedArray([1, 2, 3, 255]), 1, 1, { colorSpace });
  let kept = false;
  try {
    context.putImageData(mark, width - 1, height - 1);
    kept = context.getImageData(width - 1, height - 1, 1, 1, { colorSpace }).data[3] === 255;
  } catch {
    // Said below.
  }
  const megapixels = Math.round((width * height) / 1e6);
  if (!kept) {
    throw new Error(`This browser holds no result of ${width} x ${height} pixels (${megapixels} megapixels): give a smaller part, or use sharpcli enhance.`);
  }
  context.clearRect(0, 0, width, height);
  return { canvas, context };
}
