/** What is told of a camera or a call while it goes on. */

/** Seconds over which rate and latency are taken. */
const RECENT = 5;

/** The rung on which frames are left as they are. */
export const PASS = "pass through";

export interface Status {
  /** `waiting` while there is no frame yet, `background` while the browser holds frames back, `ended` at the end. */
  state: "waiting" | "running" | "background" | "ended";
  /** Frames a second of the last seconds, and milliseconds from a frame's arrival until its result, of half of them. */
  rate: number;
  latency: number;
  /** Since the beginning. */
  frames: number;
  dropped: number;
  /** What the frames go through: `student-live`, or `pass through`; and why it is not what was asked for. */
  rung: string;
  reason: string;
  /** What runs it, `none` while frames pass through because there is none. */
  backend: string;
  /** All of it in a sentence for people. */
  sentence: string;
}

/** Rate and latency of the last seconds. Its memory does not grow. */
export class Meter {
  frames = 0;
  private recent: { at: number; latency: number }[] = [];

  constructor(private readonly clock: () => number = () => performance.now() / 1000) {}

  done(latency: number): void {
    const now = this.clock();
    this.frames += 1;
    this.recent.push({ at: now, latency });
    this.recent = this.recent.filter(({ at }) => now - at <= RECENT);
  }

  /** Frames a second, and seconds. */
  figures(): { rate: number; latency: number } {
    const { recent } = this;
    const now = this.clock();
    const kept = recent.filter(({ at }) => now - at <= RECENT);
    const span = kept.length > 1 ? kept[kept.length - 1].at - kept[0].at : 0;
    const latencies = kept.map(({ latency }) => latency).toSorted((one, other) => one - other);
    return { rate: span ? (kept.length - 1) / span : 0, latency: latencies[latencies.length >> 1] ?? 0 };
  }
}

/** The sentence for a status without one. */
export function inWords(status: Omit<Status, "sentence">): string {
  if (status.state === "waiting") return "Waiting for the first frame.";
  if (status.state === "ended") return `Ended after ${status.frames} frames.`;
  if (status.state === "background") return "Paused: the page is in the background, where the browser shows no frames.";
  if (status.backend === "none" && status.rung !== PASS) return `Frames pass through: ${status.reason || `${status.rung} is made ready`}.`;
  const figures = `${status.rate.toFixed(1)} frames/s, ${status.latency.toFixed(0)} ms each`;
  const why = status.reason ? ` (${status.reason})` : "";
  const where = status.rung === PASS ? "" : ` on ${status.backend}`;
  return `${status.rung}${where}${why}: ${figures}, ${status.dropped} dropped.`;
}
