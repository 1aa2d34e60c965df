/** Compiles the kernels once; workers are given the module. */

import bytes from "../../../wasm/kernels.ts?wasm";

let compiled: Promise<WebAssembly.Module> | undefined;

/** Throws a plain Error where the browser has no WebAssembly with SIMD. */
export function kernelModule(): Promise<WebAssembly.Module> {
  compiled ??= compile();
  return compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly !== "object") {
    throw new Error("This browser has no WebAssembly: use a newer one, or allow it for this page.");
  }
  if (!WebAssembly.validate(bytes)) {
    throw new Error("This browser's WebAssembly has no SIMD: use a newer one.");
  }
  return WebAssembly.compile(bytes);
}
