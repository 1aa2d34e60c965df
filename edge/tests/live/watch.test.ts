import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { has } from "../../src/live/asked";
import { Watch } from "../../src/live/watch";

const words: string[] = [];

vi.mock("../../src/estimate/index", () => ({
  openEstimator: async () => ({ find: async () => ({}), close: () => {} }),
  told: () => ({ vector: [words.length], words: words.shift() }),
}));

const pixels = { width: 4, height: 4, data: new Uint8ClampedArray(64) };
const frame = { width: 4, height: 4, getContext: () => ({ getImageData: () => pixels }) } as unknown as HTMLCanvasElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  vi.stubGlobal("fetch", async () => ({ ok: true, arrayBuffer: async () => new ArrayBuffer(8) }));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  words.length = 0;
});

/** Looks after so many milliseconds, and waits until the look is over. */
async function looked(watch: Watch, after: number): Promise<string | undefined> {
  vi.advanceTimersByTime(after);
  watch.look(frame);
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  return watch.told?.words;
}

test("a call is told the usual until the first look, which is taken up at once", async () => {
  words.push("blur");
  const changed = vi.fn();
  const watch = new Watch("call", new URL("http://127.0.0.1/"), changed);
  expect(watch.told?.words).toBe("");
  expect(watch.told?.vector.some(Boolean)).toBe(true);
  expect(await looked(watch, 0)).toBe("blur");
  expect(changed).toHaveBeenCalledTimes(1);
});

test("something else is taken up once it was found twice in a row", async () => {
  words.push("blur", "noise", "blur", "noise", "noise");
  const watch = new Watch("deblur", new URL("http://127.0.0.1/"), () => {});
  expect(watch.told).toBeUndefined();
  expect(await looked(watch, 0)).toBe("blur");
  expect(await looked(watch, 5000)).toBe("blur"); // not yet looked again
  expect(words.length).toBe(4);
  for (const after of [10_000, 1000]) expect(await looked(watch, after)).toBe("blur");
  expect(await looked(watch, 10_000)).toBe("blur");
  expect(await looked(watch, 1000)).toBe("noise");
});

test("where the estimator cannot be had, that is said and nobody looks again", async () => {
  vi.stubGlobal("fetch", async () => ({ ok: false }));
  const watch = new Watch("deblur", new URL("http://127.0.0.1/"), () => {});
  expect(await looked(watch, 0)).toBeUndefined();
  expect(watch.failure).toBe("The estimator is not on the server.");
});

test("the browser has the students' profiles that need no words, and nothing else", () => {
  const auto = { kind: "auto", blur: -1, noise: -1, light: "auto" };
  expect(has({ enhancer: "student-live", options: { profile: "call", ...auto } })).toBe(true);
  expect(has({ enhancer: "student", options: { profile: "deblur", ...auto } })).toBe(true);
  expect(has({ enhancer: "student", options: { profile: "deblur", ...auto, blur: 2 } })).toBe(false);
  expect(has({ enhancer: "student", options: { profile: "auto", ...auto } })).toBe(false);
  expect(has({ enhancer: "teacher", options: { profile: "photo" } })).toBe(false);
});
