import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

async function refusal(): Promise<string> {
  const { kernelModule } = await import("../../src/backends/wasm/module");
  return kernelModule().then(() => "", (error: Error) => error.message);
}

test("a browser without WebAssembly is told so", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  expect(await refusal()).toMatch(/has no WebAssembly/);
});

test("a browser without its SIMD is told so", async () => {
  vi.stubGlobal("WebAssembly", { ...WebAssembly, validate: () => false });
  expect(await refusal()).toMatch(/no SIMD/);
});

test("kernels are compiled once", async () => {
  const { kernelModule } = await import("../../src/backends/wasm/module");
  expect(await kernelModule()).toBe(await kernelModule());
});
