import { expect, test } from "vitest";
import { parts } from "../../src/clips/destination";
import { psnr } from "../../src/clips/check";
import { Pace, shortly } from "../../src/clips/progress";

async function written(...writes: [position: number, bytes: number[]][]): Promise<number[]> {
  const destination = parts();
  const writer = destination.writable.getWriter();
  for (const [position, bytes] of writes) await writer.write({ type: "write", data: new Uint8Array(bytes), position });
  await writer.close();
  return [...new Uint8Array(await (await destination.file()).arrayBuffer())];
}

test("parts follow one another, and what was written may be written over", async () => {
  expect(await written([0, [1, 2, 3]], [3, [4, 5]], [1, [9, 9, 9]])).toEqual([1, 9, 9, 9, 5]);
});

test("a gap is zeros, and the end may be written over and grow", async () => {
  expect(await written([0, [1]], [3, [4, 5]], [4, [6, 7]])).toEqual([1, 0, 0, 4, 6, 7]);
});

test("time left follows the pace of all frames but the first", () => {
  let now = 0;
  const pace = new Pace(0, 10, () => now);
  pace.at(1, 0);
  now = 4000;
  expect(pace.at(2, 1).left).toBeUndefined();
  expect(pace.at(9, 4)).toEqual({ frames: 9, share: 0.4, left: 6 });
});

test.each([
  [5.2, "6 s"],
  [600, "10 min"],
  [4800 + 600, "1 h 30 min"],
])("%d seconds are said in short", (seconds, words) => {
  expect(shortly(seconds)).toBe(words);
});

test("PSNR is that of the first channel, and of two sizes there is none", () => {
  const image = (value: number, width = 2) => ({ width, height: 1, data: new Uint8ClampedArray(4 * width).fill(value) }) as unknown as ImageData;
  expect(psnr(image(10), image(20))).toBeCloseTo(28.13, 2);
  expect(psnr(image(10), image(10))).toBe(Infinity);
  expect(psnr(image(10), image(10, 3))).toBeNaN();
});
