/** Everything on the device that a size of image needs, made once for it: textures, features, bindings. */

import type { Device } from "./device";
import type { Program } from "./program";

interface Dispatch {
  pipeline: GPUComputePipeline;
  bindings: GPUBindGroup;
  /** Workgroups. */
  counts: [number, number, number];
}

export class Surface {
  /** What is sharpened, and the result, both rgba8unorm with alpha as it is. */
  readonly picture: GPUTexture;
  readonly result: GPUTexture;
  private readonly place: GPUBuffer;
  private readonly features: GPUBuffer[];
  private readonly dispatches: Dispatch[];
  private back?: GPUBuffer;
  private strength = Number.NaN;

  constructor(private readonly device: Device, program: Program, readonly width: number, readonly height: number) {
    const { gpu } = device;
    const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT, STORAGE_BINDING, COPY_SRC } = GPUTextureUsage;
    const texture = (usage: number) => gpu.createTexture({ size: [width, height], format: "rgba8unorm", usage });
    // Browsers copy a frame to a texture by drawing it.
    this.picture = texture(TEXTURE_BINDING | COPY_DST | RENDER_ATTACHMENT);
    this.result = texture(STORAGE_BINDING | COPY_SRC);
    const cells = [Math.ceil(width / 2), Math.ceil(height / 2)] as const;
    this.place = gpu.createBuffer({ size: 32, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
    gpu.queue.writeBuffer(this.place, 0, new Uint32Array([width, height, ...cells]));
    const size = featureBytes(width, height, program.groups, program.format.bytes);
    // Memory of WebGPU begins as zeros, and the border of one cell is never written.
    this.features = [0, 1].map(() => gpu.createBuffer({ size, usage: GPUBufferUsage.STORAGE }));
    const pictures = [this.picture.createView(), this.result.createView()];
    this.dispatches = program.passes.map((pass, index): Dispatch => {
      const { pipeline, weights, terms, cells: [across, down], deep } = pass;
      const [seen, made] = [this.features[(index + 1) % 2], this.features[index % 2]];
      const last = index + 1 === program.passes.length;
      const ends = last ? pictures : [made];
      const bound = index === 0 ? [this.place, pictures[0], made, terms] : [this.place, seen, weights, terms, ...ends];
      const entries = bound.flatMap((one, binding) => (one ? [{ binding, resource: resourceOf(one) }] : []));
      return {
        pipeline, bindings: gpu.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }),
        counts: [Math.ceil(cells[0] / across), Math.ceil(cells[1] / down), deep],
      };
    });
  }

  /** Adds to `encoder` what turns the picture into the result. */
  encode(encoder: GPUCommandEncoder, strength: number): void {
    if (strength !== this.strength) this.device.gpu.queue.writeBuffer(this.place, 16, new Float32Array([strength]));
    this.strength = strength;
    const pass = encoder.beginComputePass();
    for (const { pipeline, bindings, counts } of this.dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(...counts);
    }
    pass.end();
  }

  /** Copies the result back, after what was encoded before. */
  async read(encoder: GPUCommandEncoder, into: ImageData): Promise<void> {
    const { gpu } = this.device;
    const [row, pitch] = [4 * this.width, Math.ceil(this.width / 64) * 256];
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.back ??= gpu.createBuffer({ size: pitch * this.height, usage });
    const target = { buffer: this.back, bytesPerRow: pitch };
    encoder.copyTextureToBuffer({ texture: this.result }, target, [this.width, this.height]);
    gpu.queue.submit([encoder.finish()]);
    await this.back.mapAsync(GPUMapMode.READ);
    const bytes = new Uint8Array(this.back.getMappedRange());
    for (let y = 0; y < this.height; y++) into.data.set(bytes.subarray(y * pitch, y * pitch + row), y * row);
    this.back.unmap();
  }

  destroy(): void {
    for (const one of [this.picture, this.result, this.place, ...this.features, this.back]) one?.destroy();
  }
}

function resourceOf(bound: GPUBuffer | GPUTextureView): GPUBindingResource {
  return bound instanceof GPUBuffer ? { buffer: bound } : bound;
}

/** Of one buffer of features, with the border; a few cells more, because the last ones are computed in pairs. */
export function featureBytes(width: number, height: number, groups: number, bytes: number): number {
  return ((Math.ceil(width / 2) + 2) * (Math.ceil(height / 2) + 2) * groups + 8) * bytes;
}
