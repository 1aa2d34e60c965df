/** Encodes the result with the browser's own encoders and hands it to the user. */

import { made } from "./elements";
import { withExif } from "./exif";

export const FORMATS: Record<string, { name: string; ending: string }> = {
  "image/png": { name: "PNG", ending: "png" },
  "image/jpeg": { name: "JPEG", ending: "jpg" },
  "image/webp": { name: "WebP", ending: "webp" },
};
const QUALITY = 0.95; // of JPEG and WebP

/** The format for a file of this type: its own where a browser may encode it, else PNG, which loses nothing. */
export function formatFor(type: string): string {
  return type in FORMATS ? type : "image/png";
}

/** The encoded result with the picture's EXIF, and what it lacks; what this browser cannot encode becomes a PNG. */
export async function encoded(canvas: OffscreenCanvas, type: string, exif?: Uint8Array<ArrayBuffer>): Promise<{ blob: Blob; lost: string }> {
  const blob = await canvas.convertToBlob({ type, quality: QUALITY }).catch(() => undefined);
  if (!blob?.size) throw new Error("There is not enough memory to save the result: close other tabs, or give a smaller image.");
  if (!exif) return { blob, lost: "" };
  const whole = await withExif(blob, exif, canvas);
  return whole ? { blob: whole, lost: "" } : { blob, lost: "without EXIF, which is too large for this format" };
}

/** `holiday.jpg` as `holiday-sharp.png`. */
export function nameFor(name: string, ending: string): string {
  return `${name.replace(/\.[^.]*$/, "") || "image"}-sharp.${ending}`;
}

/** Saves a file as a download of the browser's. */
export function offer(file: Blob, name: string): void {
  const link = made("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // large files are still being read after the click
}
