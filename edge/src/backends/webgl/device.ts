/** A WebGL 2 context with its own canvas, and what it can do. */

import { Programs } from "./programs";

export interface Device {
  gl: WebGL2RenderingContext;
  programs: Programs;
  /** Bytes of one uniform block. */
  mostBlock: number;
  mostSide: number;
  /** Gives the context's canvas this size. */
  sized(width: number, height: number): void;
  /** Copies what was just drawn on the context's canvas to another, which gets its size. */
  show(canvas: OffscreenCanvas | HTMLCanvasElement): void;
}

type Own = OffscreenCanvas | HTMLCanvasElement;

/** A context for numbers rather than for looks; raises a plain sentence where there is none. */
export function context(): { own: Own; gl: WebGL2RenderingContext } {
  const settings = { antialias: false, depth: false, stencil: false, powerPreference: "high-performance" };
  for (const own of canvases()) {
    const gl = own.getContext("webgl2", settings) as WebGL2RenderingContext | null;
    if (gl) return { own, gl };
  }
  throw new Error("This browser has no WebGL 2, or it is switched off.");
}

/** A canvas off the page; one of the page for browsers that have WebGL only there. */
function* canvases(): Generator<Own> {
  if (typeof OffscreenCanvas !== "undefined") yield new OffscreenCanvas(2, 2);
  if (typeof document !== "undefined") yield document.createElement("canvas");
}

export function device(own: Own, gl: WebGL2RenderingContext): Device {
  // Levels come in and go out as they are.
  gl.disable(gl.DITHER);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  return {
    gl,
    programs: new Programs(gl),
    mostBlock: gl.getParameter(gl.MAX_UNIFORM_BLOCK_SIZE),
    mostSide: gl.getParameter(gl.MAX_TEXTURE_SIZE),
    sized: (width, height) => fit(own, width, height),
    show: (canvas) => show(own, canvas),
  };
}

/** A buffer of numbers for a uniform block. */
export function uploaded(gl: WebGL2RenderingContext, values: Float32Array): WebGLBuffer {
  const buffer = gl.createBuffer();
  gl.bindBuffer(gl.UNIFORM_BUFFER, buffer);
  gl.bufferData(gl.UNIFORM_BUFFER, values, gl.STATIC_DRAW);
  return buffer;
}

/** The device in words. */
export function described(gl: WebGL2RenderingContext): string {
  const renderer = gl.getExtension("WEBGL_debug_renderer_info");
  return String(gl.getParameter(renderer ? renderer.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

/** WebGL draws on its own canvas only, so a frame is copied once more, on the device. */
function show(own: Own, canvas: Own): void {
  fit(canvas, own.width, own.height);
  const plain = canvas.getContext("2d") as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  if (!plain) throw new Error("This canvas was drawn on by something else before: give a fresh one.");
  plain.globalCompositeOperation = "copy";
  plain.drawImage(own, 0, 0);
}

/** Setting a side empties a canvas, so it is set only where it differs. */
function fit(canvas: Own, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
