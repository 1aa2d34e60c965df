/** Waits for the device without holding up the page. */

export const LOST = "The browser took the graphics device away.";

/** Until the next task: timers of a page in the background come once a second, messages at once. */
export function pause(): Promise<void> {
  if (typeof document === "undefined" || !document.hidden) return new Promise((resolve) => setTimeout(resolve, 0));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Until all that was drawn so far is done; rejects if the device is lost meanwhile. */
export async function drawn(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  gl.flush();
  try {
    while (!gl.isContextLost() && fence) {
      const state = gl.clientWaitSync(fence, 0, 0);
      if (state === gl.ALREADY_SIGNALED || state === gl.CONDITION_SATISFIED) return;
      if (state === gl.WAIT_FAILED) break;
      await pause();
    }
  } finally {
    gl.deleteSync(fence);
  }
  throw new Error(LOST);
}
