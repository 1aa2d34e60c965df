/** Orders to workers and their answers, one at a time for each worker. */

export interface Failure {
  failure: string;
}

/** Sends an order and waits for the answer; rejects with the worker's sentence. */
export function ask<Answer extends object>(worker: Worker, order: object, transfer: Transferable[] = []): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Answer | Failure>) => {
      if ("failure" in data) reject(new Error(data.failure));
      else resolve(data);
    };
    worker.onerror = (event) => {
      reject(new Error(`A worker of this page failed: ${event.message || "it did not load; reload the page"}.`));
    };
    worker.postMessage(order, transfer);
  });
}

/** In a worker: answers each order with what `work` makes of it, or with why it could not. */
export function answer<Order, Answer extends object>(work: (order: Order) => [Answer, Transferable[]]): void {
  self.onmessage = ({ data }: MessageEvent<Order>) => {
    try {
      const [reply, transfer] = work(data);
      self.postMessage(reply, { transfer });
    } catch (error) {
      self.postMessage({ failure: error instanceof Error ? error.message : String(error) } satisfies Failure);
    }
  };
}
