/** The page's panel for clips: start, progress with the time left, stop, and what became of it. */

import { made } from "../page/elements";
import type { Mount, Panel, PanelContext } from "../page/panel";
import type { Stack } from "../networks/network";
import { estimateFrame } from "../page/frames";
import { reasonOf } from "../reasons";
import { type Clip, openClip, telling } from "./clip";
import { outputFormat } from "./coding";
import { chosenFile, type Destination, forgetOld, privateFile } from "./destination";
import { type Progress, shortly } from "./progress";
import { ClipRunner } from "./runner";
import { sharpenClip, type SharpenedClip } from "./sharpen";

export const mount: Mount = (panel, context): Panel => {
  const start = made("button", "Sharpen the clip");
  const stop = made("button", "Stop");
  const bar = made("progress");
  const line = made("p");
  const notes = made("ul");
  start.type = stop.type = "button";
  bar.ariaLabel = "Progress of the clip";
  line.className = "figures";
  stop.hidden = bar.hidden = true;
  panel.append(start, bar, stop, line, notes);
  let work: AbortController | undefined;
  void forgetOld();

  start.onclick = async () => {
    const { file } = context;
    if (!file) return context.fail("Choose a clip first.");
    work = new AbortController();
    start.disabled = true;
    notes.replaceChildren();
    try {
      const result = await sharpened(file, context, work.signal, () => {
        stop.hidden = bar.hidden = false;
        bar.removeAttribute("value");
      }, (progress) => {
        bar.value = progress.share;
        line.textContent = told(progress);
      });
      if (!result) return;
      line.textContent = `${result.frames} frames were sharpened and read back.`;
      notes.append(...result.notes.map((note) => made("li", note)));
      context.say(result.notes.length ? "The clip is done; see the notes below." : "The clip is done.");
    } catch (error) {
      line.textContent = "";
      if (work?.signal.aborted) context.say("Stopped; what was begun is deleted.");
      else context.fail(reasonOf(error));
    } finally {
      work = undefined;
      if (document.activeElement === stop) start.focus();
      start.disabled = false;
      stop.hidden = bar.hidden = true;
    }
  };
  stop.onclick = () => work?.abort();
  return { close: () => work?.abort() };
};

/** The result, which is offered or already where the user wanted it; undefined where the user chose no place. */
async function sharpened(
  file: File, context: PanelContext, signal: AbortSignal, begin: () => void, onProgress: (progress: Progress) => void,
): Promise<SharpenedClip | undefined> {
  const clip = await openClip(file);
  let runner: ClipRunner | undefined;
  try {
    const settings = context.settings();
    const stack = await stackFor(context, clip, signal);
    const name = `${file.name.replace(/\.[^.]*$/, "")}-sharp${outputFormat(clip.format).fileExtension}`;
    const chosen = await place(name, clip);
    if (chosen === null) return undefined;
    begin();
    const running = (runner = new ClipRunner(() => context.backend(), stack, settings.strength, signal));
    const enhance = (pixels: ImageData): Promise<ImageData> => running.enhance(pixels);
    const result = await sharpenClip(file, clip, chosen.destination, { enhance, onProgress, signal });
    if (!chosen.shown) context.offer(result.file, name);
    return result;
  } finally {
    runner?.close();
    clip.input.dispose();
  }
}

/** The network for the settings, told what was set by hand or is found in the clip. */
async function stackFor(context: PanelContext, clip: Clip, signal: AbortSignal): Promise<Stack> {
  const settings = context.settings();
  if (!(await context.conditioned(settings))) return context.stack(settings);
  if (settings.vector) return context.stack(settings, settings.vector);
  context.say("Looking at what the clip went through.");
  const { vector, words } = await estimateFrame(await telling(clip), settings.profile, signal);
  if (!vector.some(Boolean)) throw new Error("Nothing was found that this profile undoes; choose another one, or set by hand what to undo.");
  context.say(`Found: ${words}.`);
  return context.stack(settings, vector);
}

/** Where to write: a file that the user chooses where browsers let them; null where they chose none. */
async function place(name: string, clip: Clip): Promise<{ destination: Destination; shown: boolean } | null> {
  const picker = (window as Picker).showSaveFilePicker;
  if (!picker) return { destination: await privateFile(name), shown: false };
  const type = await clip.input.getMimeType();
  const accept = { [type.split(";")[0]]: [name.slice(name.lastIndexOf("."))] };
  try {
    const handle = await picker({ suggestedName: name, types: [{ description: "Clip", accept }] });
    return { destination: await chosenFile(handle), shown: true };
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return null;
    // Some frames of other pages may not ask.
    return { destination: await privateFile(name), shown: false };
  }
}

interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

function told({ frames, share, left }: Progress): string {
  const rest = left === undefined ? "" : `, ${shortly(left)} left`;
  return `${frames} frames, ${Math.round(share * 100)} %${rest}`;
}
