/** Programs of a context, compiled side by side where the driver can, and kept for stacks of the same shape. */

import { VERTEX } from "./glsl";
import { LOST, pause } from "./wait";

/** Texture units: samplers of two kinds cannot share one. */
export const PIXELS = 0;
export const FEATURES = 1;

export interface Program {
  program: WebGLProgram;
  /** The place of a uniform, looked up once. */
  at(name: string): WebGLUniformLocation | null;
}

export class Programs {
  readonly #gl: WebGL2RenderingContext;
  readonly #vertex: WebGLShader;
  readonly #known = new Map<string, Program>();
  readonly #parallel: { COMPLETION_STATUS_KHR: number } | null;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#parallel = gl.getExtension("KHR_parallel_shader_compile");
    this.#vertex = shader(gl, gl.VERTEX_SHADER, VERTEX);
  }

  /** Programs of these fragment shaders; asks none for its state before all of them were handed over. */
  async of(sources: string[]): Promise<Map<string, Program>> {
    const fresh = [...new Set(sources)].filter((source) => !this.#known.has(source));
    const started = fresh.map((source) => [source, this.#start(source)] as const);
    for (const [source, program] of started) this.#known.set(source, await this.#linked(program));
    return new Map(sources.map((source) => [source, this.#known.get(source)!]));
  }

  close(): void {
    for (const { program } of this.#known.values()) this.#gl.deleteProgram(program);
    this.#known.clear();
    this.#gl.deleteShader(this.#vertex);
  }

  #start(source: string): WebGLProgram {
    const gl = this.#gl;
    const program = gl.createProgram();
    const fragment = shader(gl, gl.FRAGMENT_SHADER, source);
    gl.attachShader(program, this.#vertex);
    gl.attachShader(program, fragment);
    gl.linkProgram(program);
    gl.deleteShader(fragment); // once the program lets go of it
    return program;
  }

  async #linked(program: WebGLProgram): Promise<Program> {
    const gl = this.#gl;
    while (this.#parallel && !gl.isContextLost()) {
      if (gl.getProgramParameter(program, this.#parallel.COMPLETION_STATUS_KHR)) break;
      await pause();
    }
    if (gl.isContextLost()) throw new Error(LOST);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const fragment = gl.getAttachedShaders(program)?.[1];
      const log = (fragment && gl.getShaderInfoLog(fragment)) || gl.getProgramInfoLog(program);
      throw new Error(`This device's WebGL does not compile the network: ${log}`);
    }
    const index = gl.getUniformBlockIndex(program, "Weights");
    if (index !== gl.INVALID_INDEX) gl.uniformBlockBinding(program, index, 0);
    gl.useProgram(program);
    gl.uniform1i(gl.getUniformLocation(program, "pixels"), PIXELS);
    gl.uniform1i(gl.getUniformLocation(program, "features"), FEATURES);
    const places = new Map<string, WebGLUniformLocation | null>();
    const at = (name: string) => {
      if (!places.has(name)) places.set(name, gl.getUniformLocation(program, name));
      return places.get(name) ?? null;
    };
    return { program, at };
  }
}

function shader(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader {
  const made = gl.createShader(kind);
  if (!made) throw new Error(LOST);
  gl.shaderSource(made, source);
  gl.compileShader(made);
  return made;
}
