import { expect, test } from "vitest";
import type { Runner } from "../src/backends/backend";
import type { Stack } from "../src/networks/network";
import { enhanceImage, enhanceRegions } from "../src/pixels/enhance";
import { copy, places } from "../src/pixels/regions";
import { spans } from "../src/pixels/tiles";
import { noise } from "./image_data";

const RADIUS = 5;

/** A runner that looks as far as a network of this radius does, with zeros beyond the edges. */
class Wide implements Runner {
  readonly precision = "float";
  readonly sizes = new Set<string>();

  async image(pixels: ImageData, strength: number): Promise<ImageData> {
    const { width, height, data } = pixels;
    if (width % 2 || height % 2) throw new Error("odd");
    this.sizes.add(`${width}x${height}`);
    const result = new ImageData(new Uint8ClampedArray(data), width, height);
    const at = (x: number, y: number) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[4 * (y * width + x)]);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const far = at(x - RADIUS, y) + at(x + RADIUS, y) + at(x, y - RADIUS) + at(x, y + RADIUS) + (x & 1) + 2 * (y & 1);
        for (let channel = 0; channel < 3; channel++) result.data[4 * (y * width + x) + channel] += strength * (far / 8 - 30);
      }
    return result;
  }

  close(): void {}
}

function stack(margin = 0): Stack {
  return { name: "wide", channels: 4, receptiveRadius: RADIUS, kmacPerPixel: 1, margin, convolutions: [] };
}

test.each([[70, 94], [71, 95], [23, 200], [1, 1], [64, 64]])("tiles of a %i x %i image give what the whole gives", async (width, height) => {
  for (const margin of [0, 16]) {
    const pixels = noise(width, height);
    const whole = await enhanceImage(new Wide(), stack(margin), pixels, { tile: 10_000 });
    const runner = new Wide();
    const tiled = await enhanceImage(runner, stack(margin), pixels, { tile: 32 });
    expect(tiled.data).toEqual(whole.data);
    expect([tiled.width, tiled.height]).toEqual([width, height]);
    expect(runner.sizes.size).toBe(1);
  }
});

test("edges of plain networks are repeated to even sides, and zeros are beyond", async () => {
  const pixels = noise(7, 9);
  const even = new ImageData(8, 10);
  for (let y = 0; y < 10; y++) for (let x = 0; x < 8; x++) copy(pixels, { x: Math.min(x, 6), y: Math.min(y, 8), width: 1, height: 1 }, even, x, y);
  const whole = await new Wide().image(even, 0.5);
  const result = await enhanceImage(new Wide(), stack(), pixels, { strength: 0.5 });
  expect([...result.data.slice(0, 28)]).toEqual([...whole.data.slice(0, 28)]);
});

test("the margin mirrors the edge itself too, and again where the image is smaller than it", () => {
  expect([...places(0, 10, 4, 3)]).toEqual([2, 1, 0, 0, 1, 2, 3, 3, 2, 1]);
  expect([...places(0, 8, 2, 3)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
});

test("windows lie on even rows, share the overlap and leave nothing out", () => {
  const found = spans(100, 32, 6, 0, 100);
  expect(found[0]).toEqual({ start: 0, from: 0, to: 26 });
  expect(found.at(-1)!.start).toBe(68);
  let end = 0;
  for (const { start, from, to } of found) {
    expect(start % 2).toBe(0);
    expect(from).toBe(end);
    expect(start === 0 || from - start >= 6).toBe(true);
    expect(start + 32 === 100 || start + 32 - to >= 6).toBe(true);
    end = to;
  }
  expect(end).toBe(100);
});

test("stops between tiles when told to, with the reason", async () => {
  const stop = new AbortController();
  const done: number[] = [];
  const run = enhanceImage(new Wide(), stack(), noise(200, 40), {
    tile: 32, signal: stop.signal, onProgress: (share) => (done.push(share), done.length === 2 && stop.abort(new Error("stopped"))),
  });
  await expect(run).rejects.toThrow("stopped");
  expect(done.length).toBe(2);
});

test("of a large image only windows are held", async () => {
  const pixels = noise(300, 200);
  let largest = 0;
  let written = 0;
  const read = (region: { x: number; y: number; width: number; height: number }) => {
    largest = Math.max(largest, region.width * region.height);
    const part = new ImageData(region.width, region.height);
    copy(pixels, region, part, 0, 0);
    return part;
  };
  await enhanceRegions(new Wide(), stack(16), pixels, read, (_, { width, height }) => void (written += width * height), { tile: 32 });
  expect(largest).toBeLessThanOrEqual(32 * 32);
  expect(written).toBe(300 * 200);
});
