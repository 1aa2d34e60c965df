/** Workers that share an image's bands. */

import type { Stack } from "../../networks/network";
import type { Answer, Band, Order } from "./messages";

export class Crew {
  private readonly workers: Worker[];
  private fail: (reason: Error) => void = () => {};

  constructor(module: WebAssembly.Module, count: number) {
    this.workers = Array.from({ length: count }, () => {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sharpcli" });
      worker.postMessage({ module } satisfies Order);
      return worker;
    });
  }

  get size(): number {
    return this.workers.length;
  }

  /** Gives every worker the network for the bands that follow. */
  load(stack: Stack): void {
    for (const worker of this.workers) {
      worker.postMessage({ stack } satisfies Order);
    }
  }

  /** Runs bands that `cut` makes when a worker is free, and hands each result to `put`. */
  async run(count: number, strength: number, cut: (index: number) => Band, put: (index: number, rows: ArrayBuffer) => void) {
    let next = 0;
    const closed = new Promise<never>((_, reject) => {
      this.fail = reject;
    });
    const failures: unknown[] = [];
    const share = async (worker: Worker) => {
      while (next < count && !failures.length) {
        const index = next++;
        put(index, await asked(worker, cut(index), strength));
      }
    };
    // After a failure, the others' bands are waited for: their answers must not reach the next image.
    const work = this.workers.map((worker) => share(worker).catch((reason) => failures.push(reason)));
    await Promise.race([Promise.all(work), closed]);
    if (failures.length) {
      throw failures[0];
    }
  }

  close(): void {
    this.fail(new Error("The backend was closed while it was at work."));
    for (const worker of this.workers) {
      worker.terminate();
    }
  }
}

function asked(worker: Worker, band: Band, strength: number): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if ("pixels" in data) {
        resolve(data.pixels);
      } else {
        reject(new Error(data.failure));
      }
    };
    worker.onerror = (event) => reject(new Error(`A worker of this page failed: ${event.message || "it did not load"}.`));
    worker.postMessage({ band, strength } satisfies Order, [band.pixels]);
  });
}
