/** The page's panel for the camera: its sharpened frames, what they cost, start and stop. */

import { made } from "../page/elements";
import { estimateFrame } from "../page/frames";
import type { Mount, Panel, PanelContext, Settings } from "../page/panel";
import { openCamera } from "./camera";
import type { Enhancer } from "./ladder";
import { Live } from "./live";
import { usualCall } from "./usual";

export const mount: Mount = (panel, context): Panel => {
  const start = made("button", "Start the camera");
  const stop = made("button", "Stop the camera");
  const line = made("p");
  start.type = stop.type = "button";
  stop.hidden = true;
  line.className = "figures";
  panel.append(start, stop, line);
  let running: Running | undefined;
  let closed = false;

  const ended = (): void => {
    running?.stop();
    running = undefined;
    if (document.activeElement === stop) start.focus();
    start.hidden = false;
    stop.hidden = true;
  };
  start.onclick = async () => {
    start.disabled = true;
    try {
      const track = await openCamera();
      if (closed) return track.stop();
      running = show(panel, track, context, line, () => {
        ended();
        context.fail("The camera was switched off or unplugged; start it again when it is back.");
      });
      start.hidden = true;
      stop.hidden = false;
      stop.focus();
      context.say("The camera is on; its frames stay on this device.");
    } catch (error) {
      context.fail(error instanceof Error ? error.message : String(error));
    } finally {
      start.disabled = false;
    }
  };
  stop.onclick = () => {
    ended();
    context.say("The camera is off.");
  };
  return {
    close() {
      closed = true;
      ended();
    },
  };
};

interface Running {
  stop(): void;
}

function show(panel: HTMLElement, track: MediaStreamTrack, context: PanelContext, line: HTMLElement, lost: () => void): Running {
  const canvas = made("canvas");
  canvas.role = "img";
  canvas.ariaLabel = "The camera, sharpened";
  panel.prepend(canvas);
  const look = (): Promise<ImageData> => live.nextFrame();
  const live: Live = new Live(track, {
    ...following(context, context.settings(), look),
    backend: () => context.backend(),
    canvas,
    onStatus: ({ sentence }) => (line.textContent = sentence),
    rests: true,
  });
  const deaf = context.onSettings((settings) => live.change(following(context, settings, look)));
  track.addEventListener("ended", lost);
  return {
    stop() {
      track.removeEventListener("ended", lost);
      deaf();
      live.stop();
      track.stop();
      canvas.remove();
    },
  };
}

/** What the controls ask of the live loop. */
function following(context: PanelContext, settings: Settings, look: () => Promise<ImageData>) {
  let told: Promise<readonly number[]> | undefined;
  return {
    enhancer: settings.enhancer as Enhancer,
    strength: settings.strength,
    stack: async (enhancer: Enhancer) => {
      const chosen = { ...settings, enhancer };
      if (!(await context.conditioned(chosen))) return context.stack(chosen);
      const vector = settings.vector ?? (await (told ??= found(context, settings.profile, look)));
      return vector.some(Boolean) ? context.stack(chosen, vector) : null;
    },
  };
}

/** What the frames went through, by one of them; of a call what lines usually do where nobody can look. */
async function found(context: PanelContext, profile: string, look: () => Promise<ImageData>): Promise<readonly number[]> {
  try {
    const { vector, words } = await estimateFrame(await look(), profile);
    context.say(`Found in the camera's frames: ${words}.`);
    return vector;
  } catch (error) {
    if (profile === "call") return usualCall();
    throw error;
  }
}
