/** EXIF of an image file: made to fit decoded pixels, and written into a file that the browser encoded (Exif 2.32). */

const PREFIX = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif", as JPEG has it before the TIFF header
const MOST = 65_533 - PREFIX.length; // bytes that a segment of JPEG can hold
const ORIENTATION = 0x112;
/** Big-endian, with a single entry: orientation 6, by a quarter. */
const TURNED = Uint8Array.of(0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0);

/**
 * A copy of EXIF for pixels that a browser decoded: no thumbnail, which would show the old picture, and orientation 1 where
 * the pixels were `turned`. Nothing is moved, for makers' notes have offsets of their own. Undefined where it is broken or
 * cut off.
 */
export function carried(body: Uint8Array, turned: boolean): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(PREFIX.every((one, at) => body[at] === one) ? body.subarray(PREFIX.length) : body);
  const view = new DataView(bytes.buffer);
  try {
    const little = view.getUint16(0) === 0x4949;
    if (view.getUint16(2, little) !== 42) return undefined;
    const first = view.getUint32(4, little);
    const count = view.getUint16(first, little);
    for (let entry = first + 2; entry < first + 2 + 12 * count; entry += 12) {
      if (turned && view.getUint16(entry, little) === ORIENTATION) view.setUint16(entry + 8, 1, little);
    }
    view.setUint32(first + 2 + 12 * count, 0, little);
  } catch {
    return undefined; // an offset beyond the end
  }
  return bytes;
}

/** The file with EXIF in it, or undefined where its format has no room for that much. */
export async function withExif(file: Blob, exif: Uint8Array<ArrayBuffer>, size: { width: number; height: number }): Promise<Blob | undefined> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const parts = WRITERS[file.type]?.(bytes, exif, size);
  return parts && new Blob(parts, { type: file.type });
}

const turning: Record<string, Promise<boolean>> = {};

/** Whether this browser turns the pixels of such files as their EXIF says: of JPEG each does, of PNG and WebP some. */
export function turns(type: string): Promise<boolean> {
  turning[type] ??= tried(type).catch(() => false);
  return turning[type];
}

async function tried(type: string): Promise<boolean> {
  if (type === "image/jpeg") return true;
  const canvas = new OffscreenCanvas(2, 1);
  canvas.getContext("2d");
  const whole = await withExif(await canvas.convertToBlob({ type }), TURNED, canvas);
  const bitmap = await createImageBitmap(whole!, { imageOrientation: "from-image" });
  const { width } = bitmap;
  bitmap.close();
  return width === 1;
}

type Parts = Uint8Array<ArrayBuffer>[];
type Writer = (bytes: Uint8Array<ArrayBuffer>, exif: Uint8Array<ArrayBuffer>, size: { width: number; height: number }) => Parts | undefined;
const WRITERS: Record<string, Writer> = { "image/jpeg": inJpeg, "image/png": inPng, "image/webp": inWebp };

/** Behind the segment of JFIF, which is the first one. */
function inJpeg(bytes: Uint8Array<ArrayBuffer>, exif: Uint8Array<ArrayBuffer>): Parts | undefined {
  if (exif.length > MOST) return undefined;
  const length = 2 + PREFIX.length + exif.length;
  const at = bytes[3] === 0xe0 ? 4 + ((bytes[4] << 8) | bytes[5]) : 2;
  return [bytes.subarray(0, at), Uint8Array.of(0xff, 0xe1, length >> 8, length & 255, ...PREFIX), exif, bytes.subarray(at)];
}

/** Behind the header. */
function inPng(bytes: Uint8Array<ArrayBuffer>, exif: Uint8Array<ArrayBuffer>): Parts {
  const body = new Uint8Array(4 + exif.length);
  body.set(named("eXIf"));
  body.set(exif, 4);
  return [bytes.subarray(0, 33), number(exif.length), body, number(crc(body)), bytes.subarray(33)];
}

/** At the end, as an extended file has it, which its first chunk says. */
function inWebp(bytes: Uint8Array<ArrayBuffer>, exif: Uint8Array<ArrayBuffer>, { width, height }: { width: number; height: number }): Parts {
  const extended = bytes[15] === 0x58; // VP8X
  const head = extended ? bytes.slice(12, 30) : new Uint8Array(18);
  if (!extended) {
    head.set(named("VP8X"));
    head[4] = 10;
    if (bytes[15] === 0x4c && bytes[24] & 0x10) head[8] = 0x10; // VP8L with transparency
    for (const [at, side] of [[12, width], [15, height]]) head.set(number(side - 1, true).subarray(0, 3), at);
  }
  head[8] |= 8; // there is EXIF
  const rest = bytes.subarray(extended ? 30 : 12);
  const padding = new Uint8Array(exif.length % 2);
  const length = 4 + head.length + rest.length + 8 + exif.length + padding.length;
  return [named("RIFF"), number(length, true), named("WEBP"), head, rest, named("EXIF"), number(exif.length, true), exif, padding];
}

const named = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(name, (one) => one.charCodeAt(0));

function number(value: number, little = false): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, little);
  return bytes;
}

/** CRC-32 of PNG's chunks (ISO 3309). */
function crc(bytes: Uint8Array): number {
  let sum = ~0;
  for (const one of bytes) {
    sum ^= one;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
