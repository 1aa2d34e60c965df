/** A track through the network to a canvas and a track: the newest frame wins, and the governor keeps them in time. */

import { Engine, type Needs } from "./engine";
import { Governor } from "./governor";
import { framesOf, type Frames, type Incoming } from "./incoming";
import { ladder, type Enhancer, type Step } from "./ladder";
import { pixelsOf, Screen } from "./screen";
import { Slot } from "./slot";
import { inWords, Meter, PASS, type Status } from "./status";

/** Milliseconds between two reports. */
const EVERY = 1000;

export interface LiveNeeds extends Omit<Needs, "trouble"> {
  enhancer: Enhancer;
  canvas?: HTMLCanvasElement;
  onStatus?: (status: Status) => void;
  /** Whether frames rest while the page is in the background even where the browser would hand them out. */
  rests?: boolean;
}

export class Live {
  private readonly screen: Screen;
  private readonly slot = new Slot<Incoming>();
  private readonly meter = new Meter();
  private readonly engine: Engine;
  private readonly frames: Frames;
  private readonly timer: ReturnType<typeof setInterval>;
  private governor: Governor;
  private looking: ((frame: ImageData) => void)[] = [];
  private trouble = "";
  private busy = false;
  private skip = false;
  private ended = false;

  constructor(
    private readonly track: MediaStreamTrack,
    private needs: LiveNeeds,
  ) {
    this.screen = new Screen(needs.canvas);
    this.engine = new Engine(this.wanted(needs));
    this.governor = this.governed(needs.enhancer);
    this.frames = framesOf(track, (frame) => this.take(frame), () => this.end());
    this.timer = setInterval(() => this.report(), EVERY);
    document.addEventListener("visibilitychange", this.turned);
  }

  get canvas(): HTMLCanvasElement {
    return this.screen.canvas;
  }

  get stream(): MediaStream {
    return this.screen.stream;
  }

  get status(): Status {
    const { rate, latency } = this.meter.figures();
    const { enhancer, name } = this.governor.rung as Step;
    const work = enhancer && this.engine.state(enhancer);
    const status = {
      state: this.state(),
      rate,
      latency: latency * 1000,
      frames: this.meter.frames,
      dropped: this.slot.dropped,
      rung: work === "idle" ? PASS : name,
      reason: work === "idle" ? "nothing is to be undone" : this.trouble || this.governor.reason,
      backend: work === "making" ? "none" : this.engine.backend,
    };
    return { ...status, sentence: inWords(status) };
  }

  /** Other settings from the next frame on. */
  change(needs: Pick<LiveNeeds, "enhancer" | "stack" | "strength">): void {
    const other = needs.enhancer !== this.needs.enhancer;
    this.needs = { ...this.needs, ...needs };
    this.engine.needs = this.wanted(this.needs);
    this.engine.renew();
    if (other) this.governor = this.governed(needs.enhancer);
  }

  /** The next frame as it comes, before it is sharpened. */
  nextFrame(): Promise<ImageData> {
    return new Promise((resolve) => this.looking.push(resolve));
  }

  /** Stops the new track and lets go of all frames; the track that was given goes on. */
  stop(): void {
    this.end();
    this.screen.stop();
  }

  private take(frame: Incoming): void {
    if (this.ended || this.resting()) return frame.close();
    this.slot.put(frame);
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let frame = this.slot.take(); frame; frame = this.slot.take()) {
      try {
        await this.one(frame);
      } finally {
        frame.close();
      }
    }
    this.busy = false;
  }

  private async one(frame: Incoming): Promise<void> {
    const seen = this.looking.length ? pixelsOf(frame) : undefined;
    if (seen) for (const look of this.looking.splice(0)) look(seen);
    const step = this.governor.rung as Step;
    this.skip = step.every > 1 && !this.skip;
    if (this.skip) return;
    const began = performance.now();
    const result = step.enhancer && (await this.engine.frame(step.enhancer, frame));
    if (this.ended) return;
    await this.screen.show(frame, result);
    const seconds = (performance.now() - began) / 1000;
    if (result) this.trouble = "";
    // What was made ready, or passed through meanwhile, says nothing of the network.
    if (result?.first) this.governor.restart();
    else if (result || !step.enhancer) this.governor.took(seconds);
    this.meter.done(seconds);
  }

  private resting(): boolean {
    return document.hidden && (this.frames?.pauses || this.needs.rests === true);
  }

  private readonly turned = (): void => {
    this.governor.restart();
    this.report();
  };

  private state(): Status["state"] {
    if (this.ended) return "ended";
    if (this.resting()) return "background";
    return this.meter.frames ? "running" : "waiting";
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.frames?.stop();
    clearInterval(this.timer);
    document.removeEventListener("visibilitychange", this.turned);
    this.slot.clear();
    this.engine.close();
    this.report();
  }

  private report(): void {
    this.needs.onStatus?.(this.status);
  }

  private wanted(needs: LiveNeeds): Needs {
    return { ...needs, trouble: (sentence) => (this.trouble = sentence) };
  }

  private governed(enhancer: Enhancer): Governor {
    const rate = this.track.getSettings().frameRate || 30;
    return new Governor(ladder(enhancer), 1 / rate, undefined, () => this.report());
  }
}
