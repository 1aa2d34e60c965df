/** A track through the network to a canvas and a track: the newest frame wins, and the governor keeps them in time. */

import { type Drawn, Engine, type Needs } from "./engine";
import { Governor } from "./governor";
import { framesOf, type Frames, type Incoming } from "./incoming";
import { ladder, type Enhancer, type Step } from "./ladder";
import { outgoing, type Outgoing } from "./outgoing";
import { Slot } from "./slot";
import { inWords, Meter, type Status } from "./status";

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
  readonly canvas: HTMLCanvasElement;
  readonly stream: MediaStream;
  private readonly context: CanvasRenderingContext2D;
  private readonly slot = new Slot<Incoming>();
  private readonly meter = new Meter();
  private readonly engine: Engine;
  private readonly frames: Frames;
  private readonly output: Outgoing;
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
    this.canvas = needs.canvas ?? document.createElement("canvas");
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("The canvas is in use for something else; give one that was never drawn to.");
    this.context = context;
    this.engine = new Engine(this.wanted(needs));
    this.governor = this.governed(needs.enhancer);
    this.output = outgoing(this.canvas);
    this.stream = new MediaStream([this.output.track]);
    this.frames = framesOf(track, (frame) => this.take(frame), () => this.end());
    this.timer = setInterval(() => this.report(), EVERY);
    document.addEventListener("visibilitychange", this.turned);
  }

  get status(): Status {
    const { rate, latency } = this.meter.figures();
    const status = {
      state: this.state(),
      rate,
      latency: latency * 1000,
      frames: this.meter.frames,
      dropped: this.slot.dropped,
      rung: this.governor.rung.name,
      reason: this.trouble || this.governor.reason,
      backend: this.engine.backend,
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
    this.output.stop();
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
    if (this.looking.length) this.looked(frame);
    const step = this.governor.rung as Step;
    this.skip = step.every > 1 && !this.skip;
    if (this.skip) return;
    const began = performance.now();
    const result = step.enhancer && (await this.engine.frame(step.enhancer, frame));
    if (this.ended) return;
    this.draw(frame, result);
    await this.output.send(frame.timestamp);
    const seconds = (performance.now() - began) / 1000;
    if (result) this.trouble = "";
    // What was made ready, or passed through meanwhile, says nothing of the network.
    if (result?.first) this.governor.restart();
    else if (result || !step.enhancer) this.governor.took(seconds);
    this.meter.done(seconds);
  }

  private looked({ source, width, height }: Incoming): void {
    const context = new OffscreenCanvas(width, height).getContext("2d", { alpha: false, willReadFrequently: true });
    context?.drawImage(source, 0, 0, width, height);
    const pixels = context?.getImageData(0, 0, width, height);
    for (const resolve of this.looking.splice(0)) if (pixels) resolve(pixels);
  }

  private draw({ source, width, height }: Incoming, result: Drawn | undefined): void {
    if (this.canvas.width !== width) this.canvas.width = width;
    if (this.canvas.height !== height) this.canvas.height = height;
    if (result) this.context.drawImage(result.canvas, result.at, result.at, width, height, 0, 0, width, height);
    else this.context.drawImage(source, 0, 0, width, height);
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
