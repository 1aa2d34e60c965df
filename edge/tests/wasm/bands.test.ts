import { expect, test } from "vitest";
import { bands } from "../../src/backends/wasm/bands";
import { Kernels } from "../../src/backends/wasm/kernels";
import { kernelModule } from "../../src/backends/wasm/module";
import { Stream } from "../../src/backends/wasm/stream";
import { randomPixels, randomStack } from "./reference";

test.each([[1000, 1000], [640, 2], [10_000, 10_000], [3, 8]])("bands of %i x %i cover it once, evenly", (width, height) => {
  const parts = bands(width, height, 15, 2);
  let next = 0;
  for (const { top, wanted, above, below } of parts) {
    expect([top, above % 2, below % 2, wanted % 2]).toEqual([next, 0, 0, 0]);
    expect(top - above).toBeGreaterThanOrEqual(0);
    expect(top + wanted + below).toBeLessThanOrEqual(height);
    expect(width * wanted).toBeLessThanOrEqual(1 << 23);
    next += wanted;
  }
  expect(next).toBe(height);
});

test("bands put together are the whole", async () => {
  const [width, height] = [18, 120];
  const stack = randomStack([4, 8, 8, 8, 4], true);
  const stream = new Stream(new Kernels(await kernelModule()), stack, width / 2);
  const pixels = randomPixels(width, height);
  const joined = new Uint8ClampedArray(pixels.length);
  for (const { top, wanted, above, below } of bands(width, height, 9, 3)) {
    const part = pixels.slice((top - above) * width * 4, (top + wanted + below) * width * 4);
    stream.run(part, 1);
    joined.set(part.subarray(above * width * 4, (above + wanted) * width * 4), top * width * 4);
  }
  stream.run(pixels, 1);
  expect(joined).toEqual(pixels);
});
