/** WebGL 2: for devices without WebGPU. Fragment shaders, features in array textures. */

import type { Backend, Precision } from "../backend";
import { context, described, device } from "./device";
import { WebGLRunner } from "./runner";
import { LOST } from "./wait";

/** Features of 32 channels in 32 bits take 80 bytes a pixel: a third of a gigabyte for that many. */
const MOST_PIXELS = 1 << 22;

/** Renderers that are the processor: Chromium's, Mesa's, Windows'. */
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** Opens WebGL 2; rejects with a plain sentence where the browser or the device lacks it, or draws in `software` only. */
export async function open(software = true): Promise<Backend> {
  const { own, gl } = context();
  if (!software && SOFTWARE.test(described(gl))) {
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    throw new Error("WebGL 2 finds no graphics device but one in software.");
  }
  // Whole numbers can be drawn everywhere, floats of 32 bits not.
  const precisions: Precision[] = gl.getExtension("EXT_color_buffer_float") ? ["float", "half"] : ["half"];
  const opened = device(own, gl);
  const closed = new AbortController();
  const lost = new Promise<string>((resolve) => {
    own.addEventListener("webglcontextlost", () => resolve(LOST), { signal: closed.signal });
  });
  return {
    name: "webgl2",
    device: described(gl),
    precisions,
    mostPixels: Math.min(MOST_PIXELS, opened.mostSide ** 2),
    lost,
    compile(stack, precision) {
      if (precision === "int8" || !precisions.includes(precision)) {
        return Promise.reject(new Error(`WebGL computes in ${precisions.join(" or ")} on this device.`));
      }
      return WebGLRunner.compiled(opened, stack, precision);
    },
    close() {
      closed.abort();
      opened.programs.close();
      // A page may have 16 contexts; this one is not to wait for the garbage collector.
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}
