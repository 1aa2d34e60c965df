/** Workers that share an image's bands. */

import type { Stack } from "../../networks/network";
import { Line } from "../../workers/line";
import { Turns } from "../../workers/turns";
import type { Answer, Band, Order } from "./messages";

export class Crew {
  private readonly turns = new Turns();
  private loaded: Stack | undefined;

  private constructor(private readonly lines: Line<Order, Answer>[]) {}

  /** Rejects with a sentence where workers or their memory cannot be had. */
  static async open(module: WebAssembly.Module, count: number): Promise<Crew> {
    const workers = Array.from({ length: count }, () =>
      new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sharpcli" }),
    );
    const crew = new Crew(workers.map((worker) => new Line(worker)));
    try {
      await crew.tell({ module });
    } catch (error) {
      crew.close();
      throw error;
    }
    return crew;
  }

  get size(): number {
    return this.lines.length;
  }

  /** Runs bands that `cut` makes when a worker is free through a stack, and hands each result to `put`. */
  run(
    stack: Stack, count: number, strength: number, cut: (index: number) => Band,
    put: (index: number, rows: ArrayBuffer) => void,
  ): Promise<void> {
    // One stack at a time has the workers' memory: whoever comes with another one waits.
    return this.turns.take(async () => {
      await this.load(stack);
      let next = 0;
      const share = async (line: Line<Order, Answer>) => {
        while (next < count) {
          const index = next++;
          const band = cut(index);
          put(index, (await line.ask({ band, strength }, [band.pixels])).pixels);
        }
      };
      await Promise.all(this.lines.map(share)).finally(() => {
        next = count;
      });
    });
  }

  close(): void {
    for (const line of this.lines) line.close();
  }

  private async load(stack: Stack): Promise<void> {
    if (this.loaded === stack) return;
    this.loaded = undefined;
    await this.tell({ stack });
    this.loaded = stack;
  }

  private async tell(order: Order): Promise<void> {
    await Promise.all(this.lines.map((line) => line.ask(order)));
  }
}
