/** The page's panel for the camera: its sharpened frames, what they cost, start and stop. */

import { made } from "../page/elements";
import type { Mount, Panel, PanelContext, Settings } from "../page/panel";
import { reasonOf } from "../reasons";
import { openCamera } from "./camera";
import type { Enhancer } from "./ladder";
import { Live } from "./live";
import { Looks } from "./looks";

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
      context.fail(reasonOf(error));
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
  const looks = new Looks(context, () => live.nextFrame(), () => live.change(following(context, context.settings(), looks)));
  const live: Live = new Live(track, {
    ...following(context, context.settings(), looks),
    backend: () => context.backend(),
    canvas,
    onStatus: ({ sentence }) => (line.textContent = sentence),
    rests: true,
  });
  const deaf = context.onSettings((settings) => live.change(following(context, settings, looks)));
  track.addEventListener("ended", lost);
  return {
    stop() {
      track.removeEventListener("ended", lost);
      deaf();
      looks.close();
      live.stop();
      track.stop();
      canvas.remove();
    },
  };
}

/** What the controls ask of the live loop. */
function following(context: PanelContext, settings: Settings, looks: Looks) {
  let told: Promise<readonly number[]> | undefined;
  return {
    enhancer: settings.enhancer as Enhancer,
    strength: settings.strength,
    stack: async (enhancer: Enhancer) => {
      const chosen = { ...settings, enhancer };
      if (!(await context.conditioned(chosen))) return context.stack(chosen);
      const vector = settings.vector ?? (await (told ??= looks.found(settings.profile)));
      return vector.some(Boolean) ? context.stack(chosen, vector) : null;
    },
  };
}
