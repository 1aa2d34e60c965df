/** Picks the patches of an image that show best what it went through, as `patches_of` in sharpcli/inference/estimator.py. */

import type { Reader } from "../pixels/regions";

/** Rows and columns of a patch. */
export const SIDE = 96;
const AREA = SIDE * SIDE;
const PATCHES = 24;
/** Candidates along each side at most. */
const ALONG = 16;
const FLAT_PATCHES = 8;
const DARK = 0.04;

export interface Patches {
  /** Luma in [0, 1], SIDE x SIDE numbers each. */
  luma: Float32Array<ArrayBuffer>[];
  /** Which of them have the most texture, and which the least. */
  textured: number[];
  flat: number[];
  /** Whether R, G and B are the same in all candidates, so that noise is not independent in them. */
  grey: boolean;
}

/** Small images are mirrored. `signal` stops between two patches. */
export async function patchesOf(
  size: { width: number; height: number }, read: Reader, signal?: AbortSignal,
): Promise<Patches> {
  const candidates: { luma: Float32Array<ArrayBuffer>; mean: number; texture: number }[] = [];
  let grey = true;
  for (const y of starts(size.height)) {
    for (const x of starts(size.width)) {
      signal?.throwIfAborted();
      const region = { x, y, width: Math.min(SIDE, size.width), height: Math.min(SIDE, size.height) };
      const part = await read(region);
      grey &&= isGrey(part.data);
      const luma = lumaOf(part);
      candidates.push({ luma, mean: luma.reduce((sum, value) => sum + value, 0) / AREA, texture: textureOf(luma) });
    }
  }
  const order = candidates.map((_, index) => index).sort((a, b) => candidates[b].texture - candidates[a].texture || a - b);
  const textured = order.slice(0, PATCHES);
  // Noise is cut off in black and in white.
  const lit = order.filter((index) => DARK < candidates[index].mean && candidates[index].mean < 1 - DARK);
  const flat = lit.slice(-FLAT_PATCHES);
  const chosen = [...new Set([...textured, ...flat])].sort((a, b) => a - b);
  return {
    luma: chosen.map((index) => candidates[index].luma),
    textured: textured.map((index) => chosen.indexOf(index)),
    flat: flat.map((index) => chosen.indexOf(index)),
    grey,
  };
}

/** Evenly spread over a side, the first and the last place included. */
export function starts(length: number): number[] {
  const padded = Math.max(length, SIDE);
  const count = Math.min(Math.max(1, Math.floor((padded - 1) / SIDE) + 1), ALONG);
  const step = count > 1 ? (padded - SIDE) / (count - 1) : 0;
  return Array.from({ length: count }, (_, index) => Math.floor(index * step));
}

function isGrey(rgba: Uint8ClampedArray): boolean {
  for (let at = 0; at < rgba.length; at += 4) {
    if (rgba[at] !== rgba[at + 1] || rgba[at] !== rgba[at + 2]) return false;
  }
  return true;
}

/** BT.601 luma rounded to levels, the part below and right of a small image mirrored. */
function lumaOf({ data, width, height }: ImageData): Float32Array<ArrayBuffer> {
  const luma = new Float32Array(AREA);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = 4 * (mirrored(y, height) * width + mirrored(x, width));
      const sum = 19_595 * data[at] + 38_470 * data[at + 1] + 7_471 * data[at + 2];
      luma[y * SIDE + x] = toEven(sum / 65_536) / 255;
    }
  }
  return luma;
}

function mirrored(place: number, length: number): number {
  const turn = place % (2 * length);
  return turn < length ? turn : 2 * length - 1 - turn;
}

/** The nearest whole number, the even one where two are. */
function toEven(value: number): number {
  const low = Math.floor(value);
  return value - low === 0.5 ? low + (low & 1) : Math.round(value);
}

/** The mean length of the gradient: differences of neighbours on both sides, at the edges of the one there is. */
function textureOf(luma: Float32Array): number {
  let sum = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const down = slope(luma, y, y * SIDE + x, SIDE);
      const across = slope(luma, x, y * SIDE + x, 1);
      sum += Math.hypot(down, across);
    }
  }
  return sum / AREA;
}

function slope(luma: Float32Array, place: number, at: number, step: number): number {
  if (place === 0) return luma[at + step] - luma[at];
  if (place === SIDE - 1) return luma[at] - luma[at - step];
  return (luma[at + step] - luma[at - step]) / 2;
}
