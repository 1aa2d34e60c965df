/** What the tab Live of `sharpcli demo` imports: its camera's frames are sharpened where they are, one at a time. */

import type { Backend } from "../backends/backend";
import { openBackend } from "../backends/open";
import { Engine } from "../calls/engine";
import { Governor, type Say } from "../calls/governor";
import { type Enhancer, ladder, type Step } from "../calls/ladder";
import { untouched } from "../networks/fold";
import { type Asked, has, isEnhancer } from "./asked";
import { FOLDER, stackOf } from "./stacks";
import { isTold, Watch } from "./watch";

export { has };

/** What became of a frame. */
export interface Answer {
  /** Where the result is, and at which place on it, right and down; to be drawn before the next frame is given. */
  image: CanvasImageSource;
  at: number;
  seconds: number;
  /** What was run on the frame, and why that and nothing better. */
  step: string;
  reason: string;
  /** What it undoes, where that was looked for. */
  found: string;
  /** Every so manyth frame is to be given. */
  every: number;
}

/** Failures without a good frame between them after which no more are tried. */
const FAILURES = 3;

/** Opens the best backend; rejects with a sentence where this browser has none. `say` is the page's own. */
export async function open(say: Say): Promise<Live> {
  return new Live(await openBackend(), say);
}

export class Live {
  private readonly engine: Engine;
  private governor?: Governor<Step>;
  private wanted = "";
  private watch?: Watch;
  private troubles: string[] = [];
  private opened?: Promise<Backend>;

  constructor(private backend: Backend, private readonly say: Say) {
    this.opened = Promise.resolve(backend);
    const trouble = (sentence: string): void => void this.troubles.push(sentence);
    this.engine = new Engine({ backend: () => this.open(), stack: async () => null, strength: 1, trouble });
  }

  /** What runs the networks, in words. */
  get device(): string {
    return this.backend.device;
  }

  /**
   * A frame as it is asked for now; undefined while the network is being made ready. Rejects with a sentence where it
   * cannot be sharpened here any more.
   */
  async sharpened(frame: HTMLCanvasElement, asked: Asked): Promise<Answer | undefined> {
    this.ask(asked);
    const { rung: step, reason } = this.governor!;
    const began = performance.now();
    this.watch?.look(frame);
    const drawn = this.passes(step, asked) ? { canvas: frame, at: 0 } : await this.run(step.enhancer!, frame);
    if (!drawn) return undefined;
    const seconds = (performance.now() - began) / 1000;
    this.governor!.took(seconds);
    return { image: drawn.canvas, at: drawn.at, seconds, step: step.name, reason, found: this.found(), every: step.every };
  }

  close(): void {
    this.watch?.close();
    this.engine.close();
    this.backend.close();
  }

  private async run(enhancer: Enhancer, frame: HTMLCanvasElement): ReturnType<Engine["frame"]> {
    const waits = this.watch && !this.watch.told;
    const drawn = waits ? undefined : await this.engine.frame(enhancer, { source: frame, width: frame.width, height: frame.height });
    if (drawn) this.troubles = [];
    // A profile without a usual case waits for the first look.
    if (this.watch && !this.watch.told && this.watch.failure) throw new Error(this.watch.failure);
    if (this.troubles.length >= FAILURES) throw new Error(this.troubles[0]);
    return drawn;
  }

  private passes(step: Step, { strength }: Asked): boolean {
    const told = this.watch?.told;
    return !step.enhancer || strength === 0 || (told !== undefined && untouched(told.vector));
  }

  private found(): string {
    return this.watch?.told?.words ? `undone: ${this.watch.told.words}` : (this.watch?.failure ?? "");
  }

  /** Takes up other settings. */
  private ask({ enhancer, options, strength, adapt, seconds }: Asked): void {
    this.engine.needs.strength = strength;
    const wanted = JSON.stringify([enhancer, options, adapt]);
    if (wanted === this.wanted || !isEnhancer(enhancer)) return;
    this.wanted = wanted;
    this.watch?.close();
    const profile = String(options.profile);
    this.watch = isTold(profile) ? new Watch(profile, FOLDER, () => this.renew(profile)) : undefined;
    this.renew(profile);
    const steps: Step[] = ladder(enhancer, this.say);
    this.governor = new Governor(adapt ? steps : steps.slice(0, 1), seconds, undefined, undefined, this.say);
  }

  /** Has networks made anew from now on, for they are told something else. */
  private renew(profile: string): void {
    const vector = this.watch?.told?.vector;
    this.engine.needs = { ...this.engine.needs, stack: (name) => stackOf(name, profile, vector) };
    this.engine.renew();
  }

  /** The backend that was opened, or after a loss another one. */
  private async open(): Promise<Backend> {
    const { opened } = this;
    this.opened = undefined;
    this.backend = await (opened ?? openBackend());
    return this.backend;
  }
}
