/** An image file as the browser decodes it: turned upright, in sRGB or, where its colours need it, in Display P3. */

import type { Region } from "../pixels/regions";
import { lookInto } from "./metadata";

export interface Picture {
  name: string;
  type: string;
  width: number;
  height: number;
  bitmap: ImageBitmap;
  /** Of the pixels that the network sees and of the file that is saved. */
  colorSpace: PredefinedColorSpace;
  /** To be written into the file that is saved. */
  exif?: Uint8Array<ArrayBuffer>;
  /** What of the file the result will not have, in sentences. */
  notes: string[];
}

const VECTORS = "A drawing (SVG) has no pixels to sharpen: give a photo as JPEG, PNG, WebP or AVIF.";

/** Decodes a file; rejects with a sentence. Whoever gets it closes its bitmap. */
export async function openPicture(file: File): Promise<Picture> {
  if (file.type === "image/svg+xml") throw new Error(VECTORS);
  if (!file.size) throw new Error(`${file.name} is empty.`);
  if (file.type && !file.type.startsWith("image/")) {
    throw new Error(`${file.name} is no image and no clip that this page knows: give a JPEG, PNG, WebP, AVIF, MP4 or WebM.`);
  }
  const inside = await lookInto(file);
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => {
    throw new Error(unreadable(file));
  });
  const notes = inside.lost.length ? [`Not carried into the result: ${inside.lost.join(", ")}.`] : [];
  const colorSpace = inside.wide && hasP3() ? "display-p3" : "srgb";
  const kept = colorSpace === "srgb" ? "turned into sRGB by this browser" : "kept in Display P3";
  if (inside.wide) notes.push(`Its colours are ${kept}; those beyond it are clipped.`);
  const { width, height } = bitmap;
  return { name: file.name, type: file.type, width, height, bitmap, colorSpace, exif: inside.exif, notes };
}

function hasP3(): boolean {
  try {
    return new ImageData(1, 1, { colorSpace: "display-p3" }).colorSpace === "display-p3";
  } catch {
    return false;
  }
}

function unreadable(file: File): string {
  if (/\.(heic|heif)$/i.test(file.name) || /hei[cf]/.test(file.type)) {
    return `This browser cannot read ${file.name}: export it as JPEG, or open the page in Safari.`;
  }
  return `${file.name} is damaged, too large for this browser, or of a kind that it cannot read: give a JPEG, PNG, WebP or AVIF.`;
}

/** Hands out rectangles of a picture's pixels through one small canvas, so that no second copy of it is made. */
export function readerOf({ bitmap, colorSpace }: Picture): (region: Region) => ImageData {
  const canvas = new OffscreenCanvas(1, 1);
  const settings = { colorSpace, willReadFrequently: true };
  const context = canvas.getContext("2d", settings) as OffscreenCanvasRenderingContext2D;
  return ({ x, y, width, height }) => {
    if (canvas.width < width || canvas.height < height) {
      Object.assign(canvas, { width: Math.max(canvas.width, width), height: Math.max(canvas.height, height) });
    }
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, x, y, width, height, 0, 0, width, height);
    return context.getImageData(0, 0, width, height, { colorSpace });
  };
}
