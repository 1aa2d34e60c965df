/** Workers that share an image's bands. */

import type { Stack } from "../../networks/network";
import { ask } from "./ask";
import type { Answer, Band, Order } from "./messages";

export class Crew {
  private loaded: Stack | undefined;
  /** Rejects when the crew is closed: workers that were ended answer nothing any more. */
  private readonly closed: Promise<never>;
  private end: (reason: Error) => void = () => {};

  private constructor(private readonly workers: Worker[]) {
    this.closed = new Promise((_, reject) => {
      this.end = reject;
    });
    this.closed.catch(() => {});
  }

  /** Rejects with a sentence where workers or their memory cannot be had. */
  static async open(module: WebAssembly.Module, count: number): Promise<Crew> {
    const workers = Array.from({ length: count }, () =>
      new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sharpcli" }),
    );
    const crew = new Crew(workers);
    try {
      await crew.tell({ module });
    } catch (error) {
      crew.close();
      throw error;
    }
    return crew;
  }

  get size(): number {
    return this.workers.length;
  }

  /** Gives every worker the network for the bands that follow, unless they have it. */
  async load(stack: Stack): Promise<void> {
    if (this.loaded === stack) return;
    this.loaded = undefined;
    await this.tell({ stack });
    this.loaded = stack;
  }

  /** Runs bands that `cut` makes when a worker is free, and hands each result to `put`. */
  async run(
    count: number, strength: number, cut: (index: number) => Band, put: (index: number, rows: ArrayBuffer) => void,
  ): Promise<void> {
    let next = 0;
    const failures: unknown[] = [];
    const share = async (worker: Worker) => {
      while (next < count && !failures.length) {
        const index = next++;
        const band = cut(index);
        const { pixels } = await ask<Answer>(worker, { band, strength } satisfies Order, [band.pixels]);
        put(index, pixels);
      }
    };
    // After a failure, the others' bands are waited for: their answers must not reach the next image.
    const work = this.workers.map((worker) => share(worker).catch((reason) => failures.push(reason)));
    await Promise.race([this.closed, Promise.all(work)]);
    if (failures.length) throw failures[0];
  }

  close(): void {
    this.end(new Error("The backend was closed."));
    for (const worker of this.workers) worker.terminate();
  }

  private async tell(order: Order): Promise<void> {
    await Promise.race([this.closed, Promise.all(this.workers.map((worker) => ask<Answer>(worker, order)))]);
  }
}
