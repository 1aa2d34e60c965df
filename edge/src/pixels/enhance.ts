/** An image of any size through a runner, in tiles where it is large. */

import type { Runner } from "../backends/backend";
import type { Stack } from "../networks/network";
import { copy, cut, even, extended, type Reader, type Region } from "./regions";
import { spans } from "./tiles";

export interface EnhanceOptions {
  /** How much of the network's change is added: 0 none, 1 all of it. */
  strength?: number;
  /** Rows and columns of what the runner is given at a time, overlap included. */
  tile?: number;
  /** The share that is done, 0 to 1. */
  onProgress?: (done: number) => void;
  /** Stops between two tiles; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** 512 and twice the overlap: large enough that overlaps cost little, small enough that Stop is felt. */
const TILE = 544;

/** Sharpened pixels of the same size; the same whether in tiles or whole. Rejects with the reason of `signal`. */
export async function enhanceImage(
  runner: Runner, stack: Stack, pixels: ImageData, options: EnhanceOptions = {},
): Promise<ImageData> {
  const result = new ImageData(pixels.width, pixels.height, { colorSpace: pixels.colorSpace });
  const read: Reader = (region) => {
    if (region.width === pixels.width && region.height === pixels.height) return pixels;
    const part = new ImageData(region.width, region.height, { colorSpace: pixels.colorSpace });
    copy(pixels, region, part, 0, 0);
    return part;
  };
  const write = (part: ImageData, from: Region, x: number, y: number) => copy(part, from, result, x, y);
  await enhanceRegions(runner, stack, pixels, read, write, options);
  return result;
}

/**
 * The same for an image too large to be held at once: `read` gives the pixels of a rectangle, `write` takes the
 * rectangle `from` of sharpened ones that belongs at `x`, `y`. Every pixel is written once, rows of tiles from the top.
 */
export async function enhanceRegions(
  runner: Runner,
  stack: Stack,
  size: { width: number; height: number },
  read: Reader,
  write: (part: ImageData, from: Region, x: number, y: number) => void | Promise<void>,
  { strength = 1, tile = TILE, onProgress, signal }: EnhanceOptions = {},
): Promise<void> {
  const { margin } = stack;
  const around = extended(size.width, size.height, margin);
  const overlap = even(stack.receptiveRadius);
  // A window must keep something between its overlaps.
  const side = Math.max(even(tile), 4 * overlap);
  const columns = spans(around.width, side, overlap, margin, margin + size.width);
  const rows = spans(around.height, side, overlap, margin, margin + size.height);
  const [width, height] = [Math.min(side, around.width), Math.min(side, around.height)];
  let done = 0;
  for (const row of rows) {
    for (const column of columns) {
      signal?.throwIfAborted();
      const window = { x: column.start, y: row.start, width, height };
      const part = await runner.image(await cut(read, window, size, margin), strength);
      const from = { x: column.from - window.x, y: row.from - window.y };
      const kept = { ...from, width: column.to - column.from, height: row.to - row.from };
      await write(part, kept, column.from - margin, row.from - margin);
      onProgress?.(++done / (rows.length * columns.length));
      // A task of its own, so that a click on Stop and a repaint come in between.
      if (rows.length * columns.length > 1) await new Promise((resolve) => setTimeout(resolve));
    }
  }
  signal?.throwIfAborted();
}
