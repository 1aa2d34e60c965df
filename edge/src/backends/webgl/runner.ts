/** Runs a stack on WebGL 2: one draw a pass, nothing is made for a frame but for the first of its size. */

import type { Stack } from "../../networks/network";
import type { Precision, Runner, Source } from "../backend";
import { type Device, uploaded } from "./device";
import { type Plan, plan } from "./plan";
import type { Program } from "./programs";
import { Readback } from "./readback";
import { sides, Straightener } from "./sides";
import { bind, NO_MEMORY, type Size, Textures } from "./textures";
import { drawn, LOST } from "./wait";

export class WebGLRunner implements Runner {
  readonly precision: Precision;
  readonly #device: Device;
  readonly #stack: Stack;
  readonly #plan: Plan;
  readonly #programs: Map<string, Program>;
  readonly #blocks: WebGLBuffer[][];
  readonly #readback: Readback;
  readonly #straightener = new Straightener();
  #textures: Textures | null = null;

  static async compiled(device: Device, stack: Stack, precision: "float" | "half"): Promise<WebGLRunner> {
    const drawn = plan(stack, precision, device.mostBlock);
    const sources = drawn.passes.flatMap((pass) => pass.draws.map((draw) => draw.source));
    const programs = await device.programs.of([drawn.gather, ...sources, drawn.finish]);
    return new WebGLRunner(device, stack, precision, drawn, programs);
  }

  private constructor(
    device: Device,
    stack: Stack,
    precision: Precision,
    plan: Plan,
    programs: Map<string, Program>,
  ) {
    this.precision = precision;
    this.#device = device;
    this.#stack = stack;
    this.#plan = plan;
    this.#programs = programs;
    this.#blocks = plan.passes.map((pass) => pass.draws.map((draw) => uploaded(device.gl, draw.block)));
    this.#readback = new Readback(device.gl);
  }

  async image(pixels: ImageData, strength: number): Promise<ImageData> {
    const { gl } = this.#device;
    const { width, height } = pixels;
    const textures = this.#fitting({ width, height, margin: 0 });
    const { result } = textures;
    bind(gl, gl.TEXTURE_2D, textures.pixels);
    // As bytes: pixels whose alpha is 0 keep their colours.
    const bytes = new Uint8Array(pixels.data.buffer, pixels.data.byteOffset, pixels.data.byteLength);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, bytes);
    this.#network(textures);
    this.#finish(textures, result, strength);
    return this.#readback.image(width, height, pixels.colorSpace);
  }

  async frame(source: Source, canvas: OffscreenCanvas | HTMLCanvasElement, strength: number): Promise<void> {
    const { gl } = this.#device;
    const size = { ...sides(source), margin: this.#stack.margin };
    const textures = this.#fitting(size);
    bind(gl, gl.TEXTURE_2D, textures.pixels);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, this.#straightener.straight(source));
    this.#network(textures);
    this.#device.sized(size.width, size.height);
    this.#finish(textures, null, strength);
    this.#device.show(canvas);
    // Else frames would queue up on the device, and nobody could tell how long one takes.
    await drawn(gl);
  }

  close(): void {
    this.#textures?.close();
    this.#textures = null;
    this.#readback.close();
    for (const buffer of this.#blocks.flat()) this.#device.gl.deleteBuffer(buffer);
    this.#blocks.length = 0;
  }

  #fitting(size: Size): Textures {
    const { gl, mostSide } = this.#device;
    if (gl.isContextLost()) throw new Error(LOST);
    if (!size.width || !size.height) throw new Error("There is no picture yet: wait until the video has one.");
    const now = this.#textures?.size;
    if (now && now.width === size.width && now.height === size.height && now.margin === size.margin) {
      return this.#textures!;
    }
    this.#textures?.close();
    this.#textures = null;
    if (Math.max(size.width, size.height) > mostSide) throw new Error(NO_MEMORY);
    return (this.#textures = new Textures(gl, this.#plan, size));
  }

  /** Draws blocks of luma, then all convolutions. */
  #network(textures: Textures): void {
    const { gl } = this.#device;
    const { width, height, margin } = textures.size;
    gl.viewport(1, 1, textures.width, textures.height);
    const { at } = this.#use(this.#plan.gather);
    gl.uniform2i(at("size"), width, height);
    gl.uniform1i(at("margin"), margin);
    gl.uniform1i(at("width"), textures.blocksAcross);
    gl.uniform1f(at("unit"), this.#plan.step);
    this.#draw(textures.blocks);
    for (const [index, pass] of this.#plan.passes.entries()) {
      const step = textures.steps[index];
      bind(gl, gl.TEXTURE_2D_ARRAY, step.from);
      for (const [part, draw] of pass.draws.entries()) {
        const { at } = this.#use(draw.source);
        gl.uniform1i(at("width"), textures.blocksAcross);
        gl.uniform1i(at("quads"), pass.quads);
        gl.colorMask(...draw.mask);
        gl.bindBufferBase(gl.UNIFORM_BUFFER, 0, this.#blocks[index][part]);
        this.#draw(step.into[part]);
      }
    }
    gl.colorMask(true, true, true, true);
  }

  /** Adds the change to the pixels, into a framebuffer or, without one, the canvas. */
  #finish(textures: Textures, into: WebGLFramebuffer | null, strength: number): void {
    const { gl } = this.#device;
    const { width, height, margin } = textures.size;
    const { at } = this.#use(this.#plan.finish);
    bind(gl, gl.TEXTURE_2D_ARRAY, textures.change);
    gl.viewport(0, 0, width, height);
    gl.uniform2i(at("size"), width, height);
    gl.uniform1i(at("margin"), margin);
    gl.uniform1f(at("strength"), strength);
    gl.uniform1i(at("shown"), into ? 0 : 1);
    this.#draw(into);
  }

  #use(source: string): Program {
    const program = this.#programs.get(source)!;
    this.#device.gl.useProgram(program.program);
    return program;
  }

  #draw(into: WebGLFramebuffer | null): void {
    const { gl } = this.#device;
    gl.bindFramebuffer(gl.FRAMEBUFFER, into);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}
