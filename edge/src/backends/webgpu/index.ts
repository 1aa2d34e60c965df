/** WebGPU: a compute shader for each convolution. */

import type { Stack } from "../../networks/network";
import type { Backend, Precision } from "../backend";
import { openDevice } from "./device";
import { buildProgram } from "./program";
import { GpuRunner } from "./runner";

/** Groups of four channels of the widest student, and bytes of a 32-bit float for each channel. */
const WIDEST = 12 * 16;

/** The backend on this browser's graphics device; rejects with a sentence where WebGPU is not to be had. */
export async function open(software = true): Promise<Backend> {
  const device = await openDevice(software);
  const { maxTextureDimension2D, maxStorageBufferBindingSize } = device.gpu.limits;
  const precisions: readonly Precision[] = device.dots ? ["float", "half", "int8"] : ["float", "half"];
  return {
    name: "webgpu",
    device: device.words,
    precisions,
    mostPixels: Math.min(maxTextureDimension2D ** 2, Math.floor((4 * maxStorageBufferBindingSize) / WIDEST / 1.1)),
    lost: device.lost,
    close: device.close,
    compile: async (stack: Stack, precision: Precision) => {
      const gone = device.gone();
      if (gone) throw new Error(gone);
      if (!precisions.includes(precision))
        throw new Error(`This graphics device does not compute in ${precision}: use float.`);
      if (precision === "int8" && !stack.convolutions.every((one) => one.rounding))
        throw new Error(`${stack.name} has no INT8 weights: use float or half, or the INT8 file.`);
      return new GpuRunner(device, await buildProgram(device, stack, precision));
    },
  };
}
