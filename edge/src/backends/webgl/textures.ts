/** Textures and framebuffers for images of one size, made once and drawn into again and again. */

import type { Storage } from "./formats";
import type { Plan } from "./plan";
import { FEATURES, PIXELS } from "./programs";
import { LOST } from "./wait";

export const NO_MEMORY = "The graphics device has too little memory for an image of this size.";

/** Binds a texture to the unit of its kind. */
export function bind(gl: WebGL2RenderingContext, kind: number, texture: WebGLTexture): void {
  gl.activeTexture(gl.TEXTURE0 + (kind === gl.TEXTURE_2D ? PIXELS : FEATURES));
  gl.bindTexture(kind, texture);
}

/** The size of an image and what is mirrored around it. */
export interface Size {
  width: number;
  height: number;
  margin: number;
}

/** An array texture of features, with a border of one texel that nothing is drawn into: the zeros beyond the edges. */
interface Features {
  texture: WebGLTexture;
  storage: Storage;
  layers: number;
}

/** What a pass reads, and the framebuffer of each of its draws. */
export interface Step {
  from: WebGLTexture;
  into: WebGLFramebuffer[];
}

export class Textures {
  readonly size: Size;
  readonly blocksAcross: number;
  /** Texels without the border. */
  readonly width: number;
  readonly height: number;
  readonly pixels: WebGLTexture;
  /** The blocks of luma. */
  readonly blocks: WebGLFramebuffer;
  readonly steps: Step[] = [];
  /** The change of luma, as blocks. */
  readonly change: WebGLTexture;
  readonly #gl: WebGL2RenderingContext;
  readonly #textures: WebGLTexture[] = [];
  readonly #framebuffers: WebGLFramebuffer[] = [];
  #result: WebGLFramebuffer | null = null;

  constructor(gl: WebGL2RenderingContext, plan: Plan, size: Size) {
    this.#gl = gl;
    this.size = size;
    this.blocksAcross = Math.ceil((size.width + 2 * size.margin) / 2);
    this.width = Math.ceil(this.blocksAcross / plan.columns);
    this.height = Math.ceil((size.height + 2 * size.margin) / 2);
    try {
      this.pixels = this.#texture(gl.TEXTURE_2D);
      const all: Features[] = [];
      let from = this.#features(all, [], plan.blocks, plan.columns);
      this.blocks = this.#framebuffer(from, 0, plan.columns);
      for (const pass of plan.passes) {
        const to = this.#features(all, [from], pass.writes, pass.layers);
        const into = pass.draws.map((draw) => this.#framebuffer(to, draw.start, draw.targets));
        this.steps.push({ from: from.texture, into });
        from = to;
      }
      this.change = from.texture;
      this.#check();
    } catch (reason) {
      this.close();
      throw reason;
    }
  }

  /** Where pixels are drawn that are read back: made when first asked for. */
  get result(): WebGLFramebuffer {
    const gl = this.#gl;
    if (!this.#result) {
      const texture = this.#texture(gl.TEXTURE_2D);
      gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA8, this.size.width, this.size.height);
      this.#result = this.#bound();
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
      this.#check();
    }
    return this.#result;
  }

  close(): void {
    for (const framebuffer of this.#framebuffers.splice(0)) this.#gl.deleteFramebuffer(framebuffer);
    for (const texture of this.#textures.splice(0)) this.#gl.deleteTexture(texture);
  }

  /** A texture of that kind that is not `busy`: an earlier one where there is one. */
  #features(all: Features[], busy: Features[], storage: Storage, layers: number): Features {
    const free = all.find((one) => !busy.includes(one) && one.storage === storage && one.layers === layers);
    if (free) return free;
    const gl = this.#gl;
    const format = storage === "float" ? gl.RGBA32F : gl.RGBA32UI;
    const texture = this.#texture(gl.TEXTURE_2D_ARRAY);
    gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, format, this.width + 2, this.height + 2, layers);
    const made = { texture, storage, layers };
    all.push(made);
    return made;
  }

  #texture(kind: number): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    this.#textures.push(texture);
    bind(gl, kind, texture);
    // Floats and whole numbers cannot be filtered, and all reads are of single texels.
    gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return texture;
  }

  #framebuffer(features: Features, start: number, targets: number): WebGLFramebuffer {
    const gl = this.#gl;
    const made = this.#bound();
    const places = Array.from({ length: targets }, (_, index) => gl.COLOR_ATTACHMENT0 + index);
    for (const [index, place] of places.entries()) {
      gl.framebufferTextureLayer(gl.FRAMEBUFFER, place, features.texture, 0, start + index);
    }
    gl.drawBuffers(places);
    return made;
  }

  #bound(): WebGLFramebuffer {
    const made = this.#gl.createFramebuffer();
    this.#framebuffers.push(made);
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, made);
    return made;
  }

  #check(): void {
    const gl = this.#gl;
    const complete = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
    if (gl.isContextLost()) throw new Error(LOST);
    if (gl.getError() === gl.OUT_OF_MEMORY || !complete) throw new Error(NO_MEMORY);
  }
}
