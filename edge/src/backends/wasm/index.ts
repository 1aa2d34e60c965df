/** Where there is no graphics device, or only one in software: WebAssembly with SIMD in workers. */

import type { Stack } from "../../networks/network";
import type { Backend, Precision, Runner } from "../backend";
import { bands } from "./bands";
import { Crew } from "./crew";
import { kernelModule } from "./module";

/** More than so many workers wait for memory, not for each other. */
const MOST_WORKERS = 4;

/** Throws a plain Error where the browser has no WebAssembly with SIMD or no workers. */
export async function open(): Promise<Backend> {
  const workers = usualWorkers();
  const module = await kernelModule();
  if (typeof Worker !== "function") throw new Error("This browser has no workers: use a newer one.");
  const crew = await Crew.open(module, workers);
  return {
    name: "wasm",
    device: `WebAssembly SIMD, ${workers} ${workers === 1 ? "worker" : "workers"}`,
    precisions: ["int8", "float"],
    mostPixels: 1 << 27,
    compile: async (stack, precision) => runner(crew, stack, precision),
    // Processors are not lost; what fails is said by the call that fails.
    lost: new Promise(() => {}),
    close: () => crew.close(),
  };
}

function usualWorkers(): number {
  return Math.max(1, Math.min(navigator.hardwareConcurrency || 1, MOST_WORKERS));
}

function runner(crew: Crew, stack: Stack, precision: Precision): Runner {
  if (precision === "half") throw new Error("WebAssembly has no half precision: choose float or int8.");
  if (precision === "int8" && !stack.convolutions.every((one) => one.rounding)) {
    throw new Error(`${stack.name} has no INT8 weights: choose the precision float.`);
  }
  return {
    // Weights that round their inputs are whole numbers in either precision: the result is the same, and sooner there.
    precision,
    image: (pixels, strength) => sharpened(crew, stack, pixels, strength),
    close: () => {},
  };
}

async function sharpened(crew: Crew, stack: Stack, pixels: ImageData, strength: number): Promise<ImageData> {
  const { width, height, data, colorSpace } = pixels;
  if (width % 2 || height % 2) throw new Error("Both sides of the pixels must be even.");
  const result = new ImageData(width, height, { colorSpace });
  const parts = bands(width, height, stack.receptiveRadius, crew.size);
  const row = width * 4;
  const cut = (index: number) => {
    const { top, wanted, above, below } = parts[index];
    return { pixels: data.slice((top - above) * row, (top + wanted + below) * row).buffer, width, above, wanted };
  };
  const put = (index: number, rows: ArrayBuffer) => result.data.set(new Uint8ClampedArray(rows), parts[index].top * row);
  await crew.run(stack, parts.length, strength, cut, put);
  return result;
}
