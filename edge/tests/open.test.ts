import { beforeEach, expect, test, vi } from "vitest";
import { openFirst } from "../src/backends/open";

const DEVICES = vi.hoisted(() => ({ webgpu: "", webgl2: "", wasm: "" }) as Record<string, "real" | "software" | "">);

/** A backend's module, on a device of that kind. */
const module = vi.hoisted(() => (name: string) => ({
  open: async (software: boolean) => {
    if (!DEVICES[name] || (DEVICES[name] === "software" && !software)) throw new Error(`No ${name}.`);
    return { name };
  },
}));

vi.mock("../src/backends/webgpu/index.ts", () => module("webgpu"));
vi.mock("../src/backends/webgl/index.ts", () => module("webgl2"));
vi.mock("../src/backends/wasm/index.ts", () => module("wasm"));

beforeEach(() => void Object.assign(DEVICES, { webgpu: "real", webgl2: "real", wasm: "real" }));

test("a real graphics device comes first, as the browser's newest way", async () => {
  expect((await openFirst()).backend.name).toBe("webgpu");
  DEVICES.webgpu = "";
  expect(await openFirst()).toMatchObject({ backend: { name: "webgl2" }, passed: ["No webgpu."] });
});

test("WebAssembly is quicker than a graphics device in software", async () => {
  Object.assign(DEVICES, { webgpu: "software", webgl2: "software" });
  expect(await openFirst()).toMatchObject({ backend: { name: "wasm" }, passed: ["No webgpu.", "No webgl2."] });
});

test("software is taken where it is asked for, and where nothing else runs", async () => {
  Object.assign(DEVICES, { webgpu: "software", webgl2: "software" });
  expect((await openFirst("webgl2")).backend.name).toBe("webgl2");
  DEVICES.wasm = "";
  expect((await openFirst()).backend.name).toBe("webgpu");
});

test("what is left out is not opened, and where nothing runs each reason is said once", async () => {
  expect((await openFirst("webgpu", ["webgpu"])).backend.name).toBe("webgl2");
  Object.assign(DEVICES, { webgpu: "", webgl2: "", wasm: "" });
  await expect(openFirst()).rejects.toThrow(
    "No webgpu. No webgl2. No wasm.",
  );
});
