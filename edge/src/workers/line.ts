/** Orders to a worker and its answers. */

import { Turns } from "./turns";

export interface Failure {
  failure: string;
}

export class Line<Order extends object, Answer extends object> {
  private readonly turns = new Turns();
  private closed = false;
  private fail: (reason: Error) => void = () => {};

  constructor(private readonly worker: Worker) {}

  /** Sends an order once those before it are answered; rejects with the worker's sentence. */
  ask(order: Order, transfer: Transferable[] = []): Promise<Answer> {
    return this.turns.take(() => this.answered(order, transfer));
  }

  /** Ends the worker; what it has not answered is rejected. */
  close(): void {
    this.closed = true;
    this.fail(ended());
    this.worker.terminate();
  }

  private answered(order: Order, transfer: Transferable[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(ended());
      this.fail = reject;
      this.worker.onmessage = ({ data }: MessageEvent<Answer | Failure>) => {
        if ("failure" in data) reject(new Error(data.failure));
        else resolve(data);
      };
      this.worker.onerror = (event) => {
        reject(new Error(`A worker of this page failed: ${event.message || "it did not load; reload the page"}.`));
      };
      this.worker.postMessage(order, transfer);
    });
  }
}

function ended(): Error {
  return new Error("The work was ended before it was done: its worker was closed.");
}
