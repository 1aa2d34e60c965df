import { expect, test } from "vitest";
import { Kernels } from "../../src/backends/wasm/kernels";
import { kernelModule } from "../../src/backends/wasm/module";
import { Stream } from "../../src/backends/wasm/stream";
import { randomPixels, randomStack, reference } from "./reference";

const SIZES = [[2, 2], [8, 6], [26, 18], [64, 10]] as const;

for (const rounded of [false, true]) {
  test.each(SIZES)(`${rounded ? "levels" : "floats"} at %i x %i equal a plain computation`, async (width, height) => {
    const stack = randomStack([4, 16, 16, 4], rounded);
    const pixels = randomPixels(width, height);
    const result = pixels.slice();
    new Stream(new Kernels(await kernelModule()), stack, width / 2).run(result, 1);
    const expected = reference(stack, pixels, width, 1);
    expect(largest(result, expected)).toBeLessThanOrEqual(1);
    expect(differing(result, expected)).toBeLessThan(0.01);
    expect(result).not.toEqual(pixels);
  });
}

test("a stream runs one image after another", async () => {
  const stack = randomStack([4, 8, 4], true);
  const stream = new Stream(new Kernels(await kernelModule()), stack, 6);
  const first = randomPixels(12, 8);
  const again = first.slice();
  stream.run(first, 1);
  stream.run(randomPixels(12, 20), 1);
  stream.run(again, 1);
  expect(again).toEqual(first);
});

test("strength 0 leaves every pixel as it is", async () => {
  const pixels = randomPixels(16, 16);
  const result = pixels.slice();
  new Stream(new Kernels(await kernelModule()), randomStack([4, 8, 4], false), 8).run(result, 0);
  expect(result).toEqual(pixels);
});

test("a width that no memory is enough for is refused in words", async () => {
  const kernels = new Kernels(await kernelModule());
  expect(() => new Stream(kernels, randomStack([4, 16, 4], false), 50_000_000)).toThrow(/not enough memory/);
});

function largest(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  return one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at])), 0);
}

function differing(one: Uint8ClampedArray, other: Uint8ClampedArray): number {
  return one.reduce((count, value, at) => count + Number(value !== other[at]), 0) / one.length;
}
