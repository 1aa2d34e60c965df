/** Reads drawn pixels back through one buffer that is kept. */

import { drawn, LOST } from "./wait";

export class Readback {
  readonly #gl: WebGL2RenderingContext;
  #buffer: WebGLBuffer | null = null;
  #bytes = 0;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  /** The pixels of the framebuffer that is bound, once they are drawn. */
  async image(width: number, height: number, colorSpace: PredefinedColorSpace): Promise<ImageData> {
    const gl = this.#gl;
    this.#fit(4 * width * height);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    await drawn(gl);
    const image = new ImageData(width, height, { colorSpace });
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#buffer);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, image.data);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    if (gl.isContextLost()) throw new Error(LOST);
    return image;
  }

  close(): void {
    this.#gl.deleteBuffer(this.#buffer);
    this.#buffer = null;
    this.#bytes = 0;
  }

  /** Binds the buffer, made anew where it has another size. */
  #fit(bytes: number): void {
    const gl = this.#gl;
    if (this.#bytes !== bytes) this.close();
    this.#buffer ??= gl.createBuffer();
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, this.#buffer);
    if (this.#bytes !== bytes) gl.bufferData(gl.PIXEL_PACK_BUFFER, bytes, gl.STREAM_READ);
    this.#bytes = bytes;
  }
}
