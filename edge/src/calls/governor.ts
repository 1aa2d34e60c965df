/** Which rung of the ladder the next frame takes, so that frames are not late: sharpcli/live/governor.py in the browser. */

/** Seconds, and at least so many frames, over which times are taken. */
const WINDOW = 1;
const FRAMES = 5;
/** Seconds after which fewer frames than that will do: they are hopelessly late. */
const LONG = 3;
/** Windows in a row that must be late before a step down: one may be some other program's doing. */
const PATIENCE = 2;
/** How many times too late a window must be for a step down at once. */
const HURRY = 4;
/** Seconds that must have gone well before a step up. */
const CALM = 5;
/** The share of the time allowed that a better rung may need: one that just fits would be given up again. */
const ROOM = 0.85;
/** Seconds after which a rung that was too slow is tried again: twice as long each time, at most the longest. */
const SOON = 20;
const LONGEST = 1920;

export interface Rung {
  /** For people. */
  name: string;
  /** Takes every so manyth frame, and has that much more time for it. */
  every: number;
}

/** Puts values into a sentence, maybe in another language. */
export type Say = (english: string, values: Record<string, string>) => string;

/** In English, as it stands. */
export const plain: Say = (english, values) => english.replace(/{(\w+)}/g, (_, name: string) => values[name]);

interface Cost {
  seconds: number;
  at: number;
  /** Seconds until it is tried again although it did not fit. */
  wait: number;
}

/**
 * Chooses among `rungs`, the best first: down where frames take longer than `frameSeconds` (times `every`), up again
 * after a calm while. What a rung took is remembered, so one that proved too slow is not taken up again for a while.
 * `clock` counts seconds; `tell` is given each change and its reason in words.
 */
export class Governor<R extends Rung = Rung> {
  index = 0;
  reason = "";
  private readonly costs = new Map<number, Cost>();
  private times: number[] = [];
  private began: number;
  private calm: number;
  private risen = -Infinity;
  private over = 0;

  constructor(
    readonly rungs: readonly R[],
    readonly frameSeconds: number,
    private readonly clock: () => number = () => performance.now() / 1000,
    private readonly tell: (reason: string) => void = () => {},
    private readonly say: Say = plain,
  ) {
    this.began = this.calm = clock();
  }

  get rung(): R {
    return this.rungs[this.index];
  }

  /** Forgets the window that is open: what it measured was a pause, or a network that was being made ready. */
  restart(): void {
    this.times = [];
    this.began = this.calm = this.clock();
    this.over = 0;
  }

  /** Is told that the last frame took so many seconds. */
  took(seconds: number): void {
    this.times.push(seconds);
    const now = this.clock();
    const passed = now - this.began;
    if (passed < (this.times.length < FRAMES ? LONG : WINDOW)) return;
    const usual = median(this.times);
    this.costs.set(this.index, { seconds: usual, at: now, wait: this.costs.get(this.index)?.wait ?? SOON });
    this.judge(usual, now);
    this.times = [];
    this.began = now;
  }

  private judge(usual: number, now: number): void {
    const late = usual / this.allowed(this.index);
    if (late > 1) {
      this.over += 1;
      this.calm = now;
      if ((this.over >= PATIENCE || late > HURRY) && this.index + 1 < this.rungs.length) this.down(usual, now);
      return;
    }
    this.over = 0;
    if (late > ROOM) this.calm = now;
    else if (this.index > 0 && now - this.calm >= CALM && this.mayRise(now)) this.up(now);
  }

  private down(usual: number, now: number): void {
    const values = { took: inMs(usual), most: inMs(this.allowed(this.index)) };
    const why = this.say("a frame takes {took} ms, {most} ms allowed", values);
    const cost = this.costs.get(this.index);
    // One that was taken up only just has failed its retry.
    if (cost) cost.wait = now - this.risen < CALM + PATIENCE * WINDOW ? Math.min(LONGEST, cost.wait * 2) : SOON;
    const below = this.rungs.map((_, index) => index).filter((index) => index > this.index);
    // Past those that are known not to fit; what was never tried may.
    this.index = below.find((index) => this.fits(index) !== false) ?? below[below.length - 1];
    this.over = 0;
    this.note(this.say("down to {step}: {why}", { step: this.rung.name, why }));
  }

  private up(now: number): void {
    this.index -= 1;
    this.calm = this.risen = now;
    const why = this.say("there was time for it", {});
    this.note(this.say("up to {step}: {why}", { step: this.rung.name, why }));
  }

  private mayRise(now: number): boolean {
    const cost = this.costs.get(this.index - 1);
    return !cost || now - cost.at >= cost.wait || this.fits(this.index - 1) === true;
  }

  /** Whether what a rung took leaves room to spare; undefined where nobody knows. */
  private fits(index: number): boolean | undefined {
    const cost = this.costs.get(index);
    return cost && cost.seconds <= ROOM * this.allowed(index);
  }

  private allowed(index: number): number {
    return this.frameSeconds * this.rungs[index].every;
  }

  private note(sentence: string): void {
    this.reason = sentence;
    this.tell(sentence);
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[sorted.length >> 1];
}

function inMs(seconds: number): string {
  return (seconds * 1000).toFixed(0);
}
