/** How far a clip is, and how long it will still take. */

export interface Progress {
  frames: number;
  /** 0 to 1, of the clip's length. */
  share: number;
  /** Seconds until it is done, at the pace of all frames so far; undefined for the first few. */
  left?: number;
}

/** Frames after which the pace says something. */
const SOME = 5;

export class Pace {
  private begun?: number;
  private from = 0;

  /** `start` and `end` in seconds of the clip, `clock` in milliseconds. */
  constructor(
    private readonly start: number,
    private readonly end: number,
    private readonly clock: () => number = () => performance.now(),
  ) {}

  at(frames: number, seconds: number): Progress {
    const length = Math.max(this.end - this.start, 1e-3);
    const share = Math.min(1, (seconds - this.start) / length);
    // The first frame waits for what is made ready once.
    if (this.begun === undefined) {
      this.begun = this.clock();
      this.from = share;
    }
    if (frames < SOME || share <= this.from) return { frames, share };
    const took = (this.clock() - this.begun) / 1000;
    return { frames, share, left: (took / (share - this.from)) * (1 - share) };
  }
}

/** `12 s`, `3 min`, `1 h 20 min`. */
export function shortly(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
