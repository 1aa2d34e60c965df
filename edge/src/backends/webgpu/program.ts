/** A stack's pipelines and weights on a device. */

import type { Stack } from "../../networks/network";
import type { Precision } from "../backend";
import type { Device } from "./device";
import { type Format, formatOf } from "./formats";
import { groupsOf, packTerms, packWeights } from "./weights";
import { CELLS, convolutionShader, groupsAtOnce, lumaShader, type Shape, WORKGROUP } from "./wgsl";

export interface Pass {
  pipeline: GPUComputePipeline;
  /** Bindings 2 and 3; of the luma pass there is at most the terms. */
  weights?: GPUBuffer;
  terms?: GPUBuffer;
  /** Cells that a workgroup does, and workgroups for one place. */
  cells: readonly [number, number];
  deep: number;
}

export interface Program {
  format: Format;
  /** Groups of the widest result between two convolutions. */
  groups: number;
  passes: Pass[];
  destroy(): void;
}

/** Compiles what the stack needs, everything at once; convolutions of the same shape share a pipeline. Rejects where the device is gone. */
export async function buildProgram(device: Device, stack: Stack, precision: Precision): Promise<Program> {
  const { gpu } = device;
  const { convolutions } = stack;
  const steps = convolutions.map((one) => one.rounding?.step ?? 0);
  // Sums that are rounded to levels have to be exact: in 16 bits, one in ten would become another level.
  const format = formatOf(precision, device.arithmetic16 && !steps.some(Boolean));
  const buffers: GPUBuffer[] = [];
  const buffer = (bytes: BufferSource & { byteLength: number }, usage: number) => {
    const made = gpu.createBuffer({ size: bytes.byteLength, usage: usage | GPUBufferUsage.COPY_DST });
    gpu.queue.writeBuffer(made, 0, bytes);
    buffers.push(made);
    return made;
  };
  const luma = device.pipeline(lumaShader(format, steps[0] > 0)).then((made): Pass => ({
    pipeline: made, cells: WORKGROUP, deep: 1,
    terms: steps[0] > 0 ? buffer(new Float32Array([steps[0], 0, 0, 0]), GPUBufferUsage.UNIFORM) : undefined,
  }));
  const most = Math.max(...convolutions.map((one) => groupsOf(one.inputs)));
  const { maxUniformBufferBindingSize } = gpu.limits;
  const rest = convolutions.map(async (one, index): Promise<Pass> => {
    const last = index + 1 === convolutions.length;
    const shape: Shape = {
      inputs: most, outputs: groupsOf(one.outputs), scaled: !!one.rounding, relu: one.relu,
      rounded: !last && steps[index + 1] > 0, last,
    };
    const weights = packWeights(one, format, most);
    const usage = weights.byteLength <= maxUniformBufferBindingSize ? GPUBufferUsage.UNIFORM : GPUBufferUsage.STORAGE;
    return {
      weights: buffer(new Uint8Array(weights), usage),
      terms: buffer(packTerms(one, steps[index + 1] ?? 0), GPUBufferUsage.UNIFORM),
      pipeline: await device.pipeline(convolutionShader(format, shape, maxUniformBufferBindingSize)),
      cells: [CELLS * WORKGROUP[0], WORKGROUP[1]], deep: shape.outputs / groupsAtOnce(shape.outputs),
    };
  });
  const passes = await Promise.all([luma, ...rest]);
  const groups = Math.max(1, ...convolutions.slice(0, -1).map((one) => groupsOf(one.outputs)));
  return { format, groups, passes, destroy: () => buffers.forEach((one) => one.destroy()) };
}
