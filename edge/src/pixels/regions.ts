/** Rectangles of an image as a network sees it: edges repeated to even sides, mirrored around where it is told so. */

export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Pixels of any rectangle that lies in an image. */
export type Reader = (region: Region) => ImageData | Promise<ImageData>;

/** The image with its margin, both sides even: what the network is run on, as a whole or in tiles. */
export function extended(width: number, height: number, margin: number): { width: number; height: number } {
  return { width: even(width + 2 * margin), height: even(height + 2 * margin) };
}

export function even(length: number): number {
  return length + (length & 1);
}

/**
 * For each of `length` places from `start` on along the extended side, which of the image's `size` rows (columns) is
 * seen there: mirrored around the image (the edge itself twice), and the last one again where the side was odd.
 */
export function places(start: number, length: number, size: number, margin: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => {
    const place = Math.min(start + index, size + 2 * margin - 1) - margin;
    const turn = ((place % (2 * size)) + 2 * size) % (2 * size);
    return turn < size ? turn : 2 * size - 1 - turn;
  });
}

/** What is seen in a region of the extended image; only the pixels that it needs are read. */
export async function cut(
  read: Reader, region: Region, size: { width: number; height: number }, margin: number,
): Promise<ImageData> {
  const columns = places(region.x, region.width, size.width, margin);
  const rows = places(region.y, region.height, size.height, margin);
  const [x, right, y, bottom] = [least(columns), most(columns), least(rows), most(rows)];
  const part = await read({ x, y, width: right - x + 1, height: bottom - y + 1 });
  if (part.width === region.width && part.height === region.height && straight(columns) && straight(rows)) return part;
  const cutOut = new ImageData(region.width, region.height, { colorSpace: part.colorSpace });
  const [from, to] = [words(part), words(cutOut)];
  let at = 0;
  for (const row of rows) {
    const begin = (row - y) * part.width - x;
    for (const column of columns) to[at++] = from[begin + column];
  }
  return cutOut;
}

/** Copies a rectangle of one image to a place in another. */
export function copy(from: ImageData, region: Region, to: ImageData, x: number, y: number): void {
  const [source, target] = [words(from), words(to)];
  for (let row = 0; row < region.height; row++) {
    const begin = (region.y + row) * from.width + region.x;
    target.set(source.subarray(begin, begin + region.width), (y + row) * to.width + x);
  }
}

/** A pixel a number, which is four times as quick to copy. */
function words(pixels: ImageData): Uint32Array {
  return new Uint32Array(pixels.data.buffer, pixels.data.byteOffset, pixels.width * pixels.height);
}

function straight(places: Int32Array): boolean {
  return places.every((place, index) => place === places[0] + index);
}

function least(places: Int32Array): number {
  return places.reduce((a, b) => Math.min(a, b));
}

function most(places: Int32Array): number {
  return places.reduce((a, b) => Math.max(a, b));
}
