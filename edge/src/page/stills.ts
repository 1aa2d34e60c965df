/** One picture at a time: opened, sharpened as the controls say, shown and saved. */

import { untouched } from "../networks/fold";
import { encoded, FORMATS, formatFor, nameFor, offer } from "./download";
import { element, made } from "./elements";
import type { Engine } from "./engine";
import { estimate } from "./estimates";
import type { Settings } from "./panel";
import { openPicture, type Picture } from "./picture";
import { settings } from "./settings";
import { sharpenPicture, unchanged } from "./sharpen";
import { conditioned, stackFor } from "./stacks";
import { fail, progress, say, sentence } from "./status";
import { Viewer } from "./viewer";

const MOVED = 120; // milliseconds that a control rests before its setting is run
const TILE = 544; // pixels a side
const LEAST_TILE = 136; // where a device has too little memory for those
const STOPPED = "Stopped: the picture is as it was.";

export class Stills {
  private readonly viewer = new Viewer(element("viewer"));
  private picture?: Picture;
  private result?: OffscreenCanvas;
  private work?: AbortController;
  private running: Promise<void> = Promise.resolve();
  private timer = 0;

  constructor(private readonly engine: Engine) {
    const format = element<HTMLSelectElement>("format");
    for (const [type, { name }] of Object.entries(FORMATS)) format.append(new Option(name, type));
    element("download").addEventListener("click", () => void this.save());
  }

  /** Opens a file and sharpens it; what is wrong with it is said, and the picture before stays. */
  async open(file: File): Promise<void> {
    say(`Opening ${file.name}.`);
    try {
      const picture = await openPicture(file);
      await this.close();
      this.picture = picture;
    } catch (error) {
      say("");
      return fail(sentence(error));
    }
    this.show();
    element<HTMLSelectElement>("format").value = formatFor(file.type);
    await this.update();
  }

  /** Runs the settings once the controls rest. */
  later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.update(), MOVED);
  }

  /** Lets what comes wait until a backend is warm: a runner takes one call at a time. */
  after(ready: Promise<void>): void {
    this.running = this.running.then(() => ready);
  }

  /** Ends what is running and keeps the picture. */
  async rest(): Promise<void> {
    clearTimeout(this.timer);
    this.work?.abort(new Error(STOPPED));
    await this.running;
  }

  /** Lets go of the picture. */
  async close(): Promise<void> {
    await this.rest();
    this.viewer.show();
    this.picture?.bitmap.close();
    this.picture = this.result = undefined;
    for (const id of ["save", "notes"]) element(id).hidden = true;
  }

  /** Sharpens the picture as the controls stand; what was running before ends, for a runner takes one call at a time. */
  async update(): Promise<void> {
    this.work?.abort(new Error(STOPPED));
    const work = new AbortController();
    this.work = work;
    this.running = this.running.then(() => this.run(work));
    await this.running;
  }

  private async run(work: AbortController): Promise<void> {
    const { picture } = this;
    if (!picture || work.signal.aborted) return;
    const bar = progress(`Sharpening ${picture.name}`, () => work.abort(new Error(STOPPED)));
    const begun = performance.now();
    try {
      const chosen = settings();
      const told = (await conditioned(chosen)) ? await estimate(chosen, picture, work.signal) : undefined;
      const leave = chosen.strength === 0 || (told && untouched(told.vector));
      const made = leave
        ? { canvas: unchanged(picture), transparent: false, on: "nothing to do" }
        : await this.sharpened(picture, chosen, told?.vector, bar.at, work.signal);
      this.result = made.canvas;
      fail("");
      const megapixels = ((picture.width * picture.height) / 1e6).toFixed(1);
      const seconds = ((performance.now() - begun) / 1000).toFixed(2);
      const undone = told ? ` · undone: ${told.words}` : "";
      say(`${seconds} s for ${picture.width} x ${picture.height} pixels (${megapixels} megapixels) · ${chosen.enhancer}, profile ${chosen.profile} · ${made.on}${undone}`);
      this.show(made.transparent ? ["Browsers keep half-transparent pixels less exactly; JPEG has no transparency at all."] : []);
    } catch (error) {
      if (work !== this.work) return; // a newer setting is next
      say(work.signal.aborted ? STOPPED : "");
      if (!work.signal.aborted) fail(sentence(error));
    } finally {
      bar.done();
    }
  }

  /** Through the network; on another backend where the device is lost on the way, in smaller tiles where it is full. */
  private async sharpened(
    picture: Picture, chosen: Settings, vector: readonly number[] | undefined, onProgress: (share: number) => void, signal: AbortSignal,
  ) {
    const stack = await stackFor(chosen, vector);
    let tile = TILE;
    for (;;) {
      const runner = await this.engine.runner(stack);
      const backend = await this.engine.backend();
      try {
        const made = await sharpenPicture(picture, stack, runner, { strength: chosen.strength, tile, onProgress, signal });
        return { ...made, on: `on ${backend.name}` };
      } catch (error) {
        signal.throwIfAborted();
        if (await this.engine.isGone(backend)) continue; // the engine ends this when it has no backend left
        tile /= 2;
        if (tile < LEAST_TILE) throw error;
      }
    }
  }

  private show(notes: string[] = []): void {
    const { picture, result } = this;
    if (!picture) return;
    const { width, height, bitmap, colorSpace } = picture;
    this.viewer.show({ width, height, before: bitmap, after: result, colorSpace });
    element("save").hidden = !result;
    const list = element("notes");
    list.replaceChildren(...[...picture.notes, ...notes].map((note) => made("li", note)));
    list.hidden = !list.childElementCount;
  }

  private async save(): Promise<void> {
    const { picture, result } = this;
    if (!picture || !result) return;
    try {
      const { blob, lost } = await encoded(result, element<HTMLSelectElement>("format").value, picture.exif);
      const { name, ending } = FORMATS[blob.type];
      offer(blob, nameFor(picture.name, ending));
      say(`Saved as ${nameFor(picture.name, ending)} (${[name, `${Math.ceil(blob.size / 1000)} kB`, lost].filter(Boolean).join(", ")}).`);
    } catch (error) {
      fail(sentence(error));
    }
  }
}
