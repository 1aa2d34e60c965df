import { beforeEach, expect, test, vi } from "vitest";
import type { Backend, Runner } from "../../src/backends/backend";
import { Engine } from "../../src/calls/engine";
import type { Stack } from "../../src/networks/network";

const STACK: Stack = { name: "student-live-photo", channels: 16, receptiveRadius: 12, kmacPerPixel: 1, margin: 0, convolutions: [] };
const FRAME = { source: {} as VideoFrame, width: 4, height: 4, timestamp: 0, close: () => {} };

beforeEach(() => vi.stubGlobal("OffscreenCanvas", class {}));

/** A backend whose frames fail once `lose` was called, or from the first on. */
function device(alive = true) {
  let lose: (reason: string) => void = () => {};
  const counts = { compiled: 0, closed: 0 };
  const runner = (): Runner => ({
    precision: "float",
    image: async (pixels) => pixels,
    frame: async () => void (alive || (await Promise.reject(new Error("gone")))),
    close: () => void counts.closed++,
  });
  const backend: Backend = {
    name: "webgl2",
    device: "test",
    precisions: ["float"],
    mostPixels: 1e6,
    compile: async () => (counts.compiled++, runner()),
    lost: new Promise((resolve) => (lose = resolve)),
    close: () => {},
  };
  return { backend, counts, lose: (reason: string) => ((alive = false), lose(reason)) };
}

function engineOf(open: () => Promise<Backend>) {
  const troubles: string[] = [];
  const engine = new Engine({ backend: open, stack: async () => STACK, strength: 1, trouble: (one) => troubles.push(one) });
  return { engine, troubles };
}

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

test("frames pass through until the network is ready, which is made once", async () => {
  const { backend, counts } = device();
  const { engine } = engineOf(async () => backend);
  expect(await engine.frame("student-live", FRAME)).toBeUndefined();
  expect(await engine.frame("student-live", FRAME)).toBeUndefined();
  await settle();
  expect((await engine.frame("student-live", FRAME))?.first).toBe(true);
  expect((await engine.frame("student-live", FRAME))?.first).toBe(false);
  expect(counts.compiled).toBe(1);
  expect(engine.backend).toBe("webgl2");
});

test("a lost device is replaced by another one, and the reason is told", async () => {
  const [one, other] = [device(), device()];
  const opened = [other.backend, one.backend];
  const { engine, troubles } = engineOf(async () => opened.pop()!);
  await engine.frame("student-live", FRAME);
  await settle();
  one.lose("The device is gone.");
  await settle();
  expect(troubles).toEqual(["The device is gone; another way is tried"]);
  expect(one.counts.closed).toBe(1);
  await engine.frame("student-live", FRAME);
  await settle();
  expect(await engine.frame("student-live", FRAME)).toBeDefined();
});

test("where every frame fails, it gives up after a few tries", async () => {
  let opened = 0;
  const { engine, troubles } = engineOf(async () => (opened++, device(false).backend));
  for (let frame = 0; frame < 20; frame++) {
    expect(await engine.frame("student-live", FRAME)).toBeUndefined();
    await settle();
  }
  expect(opened).toBe(4);
  expect(troubles.at(-1)).toBe("gone");
});

test("all networks are let go of at the end", async () => {
  const { backend, counts } = device();
  const { engine } = engineOf(async () => backend);
  await engine.frame("student-live", FRAME);
  await engine.frame("student", FRAME);
  await settle();
  engine.close();
  expect(counts.closed).toBe(2);
});
