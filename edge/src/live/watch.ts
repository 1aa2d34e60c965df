/** What a stream's frames went through, looked at again while it runs, as sharpcli/live/watch.py does. */

import { usualCall } from "../calls/usual";
import type { Estimator, Told } from "../estimate/index";

/** The estimators by the profiles that are told something. */
const FILES: Record<string, string> = { call: "estimator-call", deblur: "estimator" };
/** Milliseconds between two looks, and after one that found something else: a hand before the camera is no reason. */
const EVERY = 10_000;
const SOON = 1000;

export class Watch {
  /** What is told now; undefined before the first look of a profile that has no usual case. */
  told?: Told;
  /** Why nobody can look. */
  failure = "";
  private due = 0;
  private doubted = "";
  private looking = false;
  private closed = false;
  private estimator?: Promise<Estimator>;

  /** `folder` has the estimators; `changed` is called when something else is to be told. */
  constructor(private readonly profile: string, private readonly folder: URL, private readonly changed: () => void) {
    if (profile === "call") this.told = { vector: usualCall(), words: "" };
  }

  /** Looks at a frame where it is time, in a worker. */
  look(frame: HTMLCanvasElement): void {
    if (this.looking || this.closed || this.failure || performance.now() < this.due) return;
    this.looking = true;
    const pixels = frame.getContext("2d")!.getImageData(0, 0, frame.width, frame.height);
    void this.find(pixels)
      .catch((error: Error) => (this.failure = error.message))
      .finally(() => (this.looking = false));
  }

  close(): void {
    this.closed = true;
    void this.estimator?.then((one) => one.close()).catch(() => {});
  }

  private async find(pixels: ImageData): Promise<void> {
    const { openEstimator, told } = await import("../estimate/index");
    this.estimator ??= fetch(new URL(`${FILES[this.profile]}.bin`, this.folder))
      .then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(new Error("The estimator is not on the server."))))
      .then(openEstimator);
    const found = await (await this.estimator).find(pixels, (region) => part(pixels, region));
    if (!this.closed) this.take(told(found, this.profile));
  }

  /** What was found at first is taken up at once, something else when it was found twice in a row. */
  private take(found: Told): void {
    const first = !this.told?.words;
    const other = !first && found.words !== this.told!.words;
    const sure = first || (other && found.words === this.doubted);
    this.doubted = other && !sure ? found.words : "";
    this.due = performance.now() + (this.doubted ? SOON : EVERY);
    if (!sure) return;
    this.told = found;
    this.changed();
  }
}

/** Whether a profile's network is told what a frame went through. */
export function isTold(profile: string): boolean {
  return profile in FILES;
}

function part(pixels: ImageData, { x, y, width, height }: { x: number; y: number; width: number; height: number }): ImageData {
  const cut = new ImageData(width, height);
  for (let row = 0; row < height; row++) {
    const begin = 4 * ((y + row) * pixels.width + x);
    cut.data.set(pixels.data.subarray(begin, begin + 4 * width), 4 * row * width);
  }
  return cut;
}
