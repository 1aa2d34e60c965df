import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fold, untouched } from "../../src/networks/fold";
import type { Convolution } from "../../src/networks/network";
import { readNetwork, readTensors } from "../../src/networks/read";
import expected from "./expected.json";

/** Written by the exporter: tests/training/export/edge_fixture.py. */
function fixture(name: string): ArrayBuffer {
  return Uint8Array.from(readFileSync(new URL(name, import.meta.url))).buffer;
}

function close(actual: Float32Array, wanted: number[], tolerance: number): void {
  expect(actual.length).toBe(wanted.length);
  actual.forEach((value, index) => expect(Math.abs(value - wanted[index])).toBeLessThan(tolerance));
}

function agree(ours: Convolution[], name: keyof typeof expected.stacks, tolerance: number): void {
  const stack: { weight: number[]; bias: number[]; step?: number[]; rows?: number[]; whole?: number[] }[] =
    expected.stacks[name];
  expect(ours.map((one) => one.relu)).toEqual([true, true, false]);
  ours.forEach((one, index) => {
    const theirs = stack[index];
    close(one.weight, theirs.weight, tolerance);
    close(one.bias, theirs.bias, tolerance);
    expect(Array.from(one.rounding?.whole ?? [])).toEqual(theirs.whole ?? []);
    if (theirs.rows && theirs.step && one.rounding) {
      close(one.rounding.rows, theirs.rows, tolerance / 100);
      expect(one.rounding.step).toBeCloseTo(theirs.step[0], 6);
    }
  });
}

const { vector } = expected.vectors[0];

test("a conditioned INT8 student folds to what the exporter says", () => {
  const network = readNetwork(fixture("tiny-deblur-int8.bin"));
  expect(network.header).toMatchObject({ enhancer: "tiny", profile: "deblur", channels: 4, layers: 1, conditioned: 29 });
  expect(network.header.scores).toEqual({ set: { psnr: 30.5 } });
  const stack = fold(network, vector);
  expect(stack.margin).toBe(16);
  agree(stack.convolutions, "tiny-deblur-int8.bin", 2e-3);
});

test("so does one with 16-bit weights", () => {
  agree(fold(readNetwork(fixture("tiny-deblur.bin")), vector).convolutions, "tiny-deblur.bin", 4e-3);
});

test("a student that is told nothing stays as it is", () => {
  const stack = fold(readNetwork(fixture("tiny-x2.bin")));
  expect(stack.margin).toBe(0);
  agree(stack.convolutions, "tiny-x2.bin", 1e-5);
});

test("who needs a vector says so, and who takes none", () => {
  expect(() => fold(readNetwork(fixture("tiny-deblur-int8.bin")))).toThrow("takes a vector of 29 numbers, not 0");
  expect(() => fold(readNetwork(fixture("tiny-x2.bin")), vector)).toThrow("takes a vector of 0 numbers, not 29");
  expect(untouched(vector)).toBe(false);
  expect(untouched(vector.map(() => 0))).toBe(true);
});

test("a file that is cut short, or is something else, is refused in a sentence", () => {
  const file = fixture("tiny-deblur-int8.bin");
  for (const end of [0, 3, 11, 12, 300, file.byteLength - 8]) {
    expect(() => readNetwork(file.slice(0, end)), `${end} bytes`).toThrow(/damaged|not a network of sharpcli/);
  }
  const page = new TextEncoder().encode("<!doctype html><title>Not found</title>").buffer;
  expect(() => readNetwork(page)).toThrow("not a network of sharpcli");
  const later = file.slice();
  new DataView(later).setUint32(4, 2, true);
  expect(() => readNetwork(later)).toThrow("format 2");
  for (let place = 12; place < 2000; place += 7) {
    const changed = file.slice();
    new Uint8Array(changed)[place] ^= 0x40;
    try {
      readTensors(changed);
      readNetwork(changed);
    } catch (error) {
      expect(String(error)).toMatch(/damaged|is not a student/);
    }
  }
});
