/** Looks into an image file for what a browser's decoder does not hand on, so that the page can carry or say it. */

import { carried, turns } from "./exif";

export interface Inside {
  /** To be carried into the result. */
  exif?: Uint8Array<ArrayBuffer>;
  /** What is in the file and will not be in the result, in words. */
  lost: string[];
  /** Whether it has a colour profile other than sRGB. */
  wide: boolean;
}

const HEAD = 1 << 20; // bytes: metadata stand before the pixels, nearly always; in WebP behind them

/** What is in the first megabyte of a JPEG or PNG, or in a WebP; of other formats nothing is known. */
export async function lookInto(file: Blob): Promise<Inside> {
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  const bytes = isWebp(head) && file.size > HEAD ? new Uint8Array(await file.arrayBuffer()) : head;
  const names = new Set<string>();
  let profile: Uint8Array | undefined;
  let exif: Uint8Array<ArrayBuffer> | undefined;
  for (const [name, body] of parts(bytes)) {
    if (name === "ICC") profile = body;
    if (name === "EXIF") exif ??= carried(body, await turns(file.type));
    if (name !== "EXIF" || !exif) names.add(name);
  }
  const wide = profile !== undefined && !text(profile).replaceAll("\0", "").includes("sRGB");
  const lost = ["EXIF", "XMP", "IPTC", "text", "animation"].filter((name) => names.has(name));
  if (names.has("16-bit")) lost.push("16-bit levels (the result has 8)");
  return { exif, lost, wide };
}

const text = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);
const isWebp = (bytes: Uint8Array): boolean => text(bytes.subarray(8, 12)) === "WEBP";

function* parts(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) yield* ofJpeg(bytes);
  else if (text(bytes.subarray(1, 4)) === "PNG") yield* ofPng(bytes);
  else if (isWebp(bytes)) yield* ofWebp(bytes);
  else if (text(bytes.subarray(0, 3)) === "GIF" && text(bytes).includes("NETSCAPE2.0")) yield ["animation", bytes];
}

function* ofJpeg(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  for (let at = 2; at + 4 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda; ) {
    const length = (bytes[at + 2] << 8) | bytes[at + 3];
    const body = bytes.subarray(at + 4, at + 2 + length);
    const start = text(body.subarray(0, 32));
    const marker = bytes[at + 1];
    if (marker === 0xe1 && start.startsWith("Exif")) yield ["EXIF", body];
    else if (marker === 0xe1 && start.includes("ns.adobe.com/xap")) yield ["XMP", body];
    else if (marker === 0xe2 && start.startsWith("ICC_PROFILE")) yield ["ICC", body];
    else if (marker === 0xed && start.startsWith("Photoshop")) yield ["IPTC", body];
    at += 2 + length;
  }
}

const CHUNKS: Record<string, string> = {
  eXIf: "EXIF", iCCP: "ICC", tEXt: "text", zTXt: "text", iTXt: "text", acTL: "animation",
  ICCP: "ICC", "EXIF": "EXIF", "XMP ": "XMP", ANIM: "animation",
}; // of PNG and of WebP

function* ofPng(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const view = new DataView(bytes.buffer);
  if (bytes[24] === 16) yield ["16-bit", bytes];
  for (let at = 8; at + 8 < bytes.length; ) {
    const length = view.getUint32(at);
    const name = CHUNKS[text(bytes.subarray(at + 4, at + 8))];
    if (name) yield [name, bytes.subarray(at + 8, at + 8 + length)];
    at += 12 + length;
  }
}

function* ofWebp(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const view = new DataView(bytes.buffer);
  for (let at = 12; at + 8 < bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    const name = CHUNKS[text(bytes.subarray(at, at + 4))];
    if (name) yield [name, bytes.subarray(at + 8, at + 8 + length)];
    at += 8 + length + (length % 2);
  }
}
