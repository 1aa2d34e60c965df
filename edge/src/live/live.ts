/** What the tab Live of `sharpcli demo` imports: its camera's frames are sharpened where they are. */

import type { Backend } from "../backends/backend";
import { type BackendName, openFirst } from "../backends/open";
import { Ladder } from "./ladder";
import { type Asked, missing, type Say } from "./asked";

export { missing };
export type { Asked, Say };

/** As the server answers, but for the picture. */
export interface Answer {
  /** To be drawn before the next frame is given. */
  image: CanvasImageSource;
  /** What it took. */
  seconds: number;
  enhancer: string;
  /** What was run on the frame, why that and nothing better, and what it undoes. */
  step: string;
  reason: string;
  found: string;
  /** Frames of which the next one is due: 2 where every second one is left out. */
  every: number;
}

/** Times that a device may be lost before frames are given up. */
const LOSSES = 3;
/** Stills only: it has no `frame`. */
const WITHOUT: BackendName[] = ["wasm"];

/** Opens WebGPU or WebGL 2; rejects with a sentence where this browser has neither. `say` puts sentences into a language. */
export async function open(say: Say): Promise<Live> {
  return new Live((await openFirst(undefined, WITHOUT)).backend, say);
}

/** One camera's frames, one at a time. */
export class Live {
  private readonly canvas = document.createElement("canvas");
  private ladder?: Ladder;
  private lost = false;
  private losses = 0;

  constructor(private backend: Backend, private readonly say: Say) {
    this.watch();
  }

  /** What runs the networks, in words. */
  get device(): string {
    return this.backend.device;
  }

  /** Sharpens a frame as it is asked for now; rejects with a sentence where that cannot be done any more. */
  async sharpened(frame: HTMLCanvasElement, asked: Asked): Promise<Answer> {
    if (this.lost) await this.reopen();
    try {
      return await this.run(frame, asked);
    } catch (error) {
      if (!this.lost) throw error;
      await this.reopen();
      return this.run(frame, asked);
    }
  }

  close(): void {
    this.ladder?.close();
    this.backend.close();
  }

  private async run(frame: HTMLCanvasElement, asked: Asked): Promise<Answer> {
    if (!this.ladder?.suits(asked)) {
      this.ladder?.close();
      this.ladder = new Ladder(this.backend, asked, this.say);
    }
    const { ladder } = this;
    const done = await ladder.run(frame, this.canvas, asked.strength);
    return {
      image: done.changed ? this.canvas : frame,
      seconds: done.seconds,
      enhancer: asked.enhancer,
      step: done.step,
      reason: ladder.reason,
      found: done.found,
      every: done.every,
    };
  }

  private watch(): void {
    const { backend } = this;
    void backend.lost.then(() => {
      if (backend === this.backend) this.lost = true;
    });
  }

  private async reopen(): Promise<void> {
    if (++this.losses > LOSSES) throw new Error(this.say("The graphics device was lost. Start again."));
    this.ladder?.close();
    this.ladder = undefined;
    this.backend.close();
    this.backend = (await openFirst(undefined, WITHOUT)).backend;
    this.lost = false;
    this.watch();
  }
}
