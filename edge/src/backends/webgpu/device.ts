/** The WebGPU device: what it is, what it can do, and whether it is still there. */

import { bare } from "../../reasons";

export interface Device {
  gpu: GPUDevice;
  /** For people: adapter and abilities. */
  words: string;
  arithmetic16: boolean;
  dots: boolean;
  /** Of a shader's text. Compiled once a device: networks that differ in numbers only share their shaders. */
  pipeline(code: string): Promise<GPUComputePipeline>;
  /** Settles when the device is gone, unless it was closed here. */
  lost: Promise<string>;
  /** The sentence once it is gone. */
  gone(): string | undefined;
  close(): void;
}

const DOTS = "packed_4x8_integer_dot_product";

/** Opens the fastest adapter's device; rejects with a sentence where there is none, or only one in `software`. */
export async function openDevice(software: boolean): Promise<Device> {
  const api = typeof navigator === "undefined" ? undefined : navigator.gpu;
  if (!api) throw new Error("This browser has no WebGPU.");
  const adapter = await api.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("WebGPU finds no graphics device here.");
  if (adapter.info.isFallbackAdapter && !software) throw new Error("WebGPU finds no graphics device but one in software.");
  const arithmetic16 = adapter.features.has("shader-f16");
  const { maxStorageBufferBindingSize, maxBufferSize, maxTextureDimension2D } = adapter.limits;
  const gpu = await adapter.requestDevice({
    requiredFeatures: arithmetic16 ? ["shader-f16"] : [],
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize, maxTextureDimension2D },
  });
  const dots = api.wgslLanguageFeatures?.has(DOTS) ?? false;
  const pipelines = new Map<string, Promise<GPUComputePipeline>>();
  let sentence: string | undefined;
  let closed = false;
  const lost = new Promise<string>((settle) => {
    void gpu.lost.then(({ message }) => {
      if (closed) return;
      sentence = `The graphics device was lost${message ? ` (${bare(message)})` : ""}.`;
      settle(sentence);
    });
  });
  return {
    gpu, arithmetic16, dots, lost,
    words: [described(adapter.info), arithmetic16 && "shader-f16", dots && "dot4I8Packed"].filter(Boolean).join(", "),
    gone: () => sentence,
    pipeline: (code) => {
      let found = pipelines.get(code);
      if (!found) {
        const compute = { module: gpu.createShaderModule({ code }) };
        pipelines.set(code, (found = gpu.createComputePipelineAsync({ layout: "auto", compute })));
      }
      return found;
    },
    close: () => {
      closed = true;
      sentence = "This backend was closed.";
      gpu.destroy();
    },
  };
}

/**
 * Runs `make`, which creates what lies in the device's memory, and waits until it is there; rejects with `sentence` where
 * there is no room for it.
 */
export async function withRoom<T extends { destroy(): void }>({ gpu }: Device, sentence: string, make: () => T): Promise<T> {
  gpu.pushErrorScope("validation");
  gpu.pushErrorScope("out-of-memory");
  const made = make();
  const [full, wrong] = await Promise.all([gpu.popErrorScope(), gpu.popErrorScope()]);
  if (!full && !wrong) return made;
  made.destroy();
  throw new Error(full ? sentence : wrong!.message);
}

function described({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed adapter";
}
