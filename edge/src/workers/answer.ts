/** The other end of a line, in the worker. */

import { reasonOf } from "../reasons";
import type { Failure } from "./line";

/** Answers each order with what `work` makes of it, or with why it could not. */
export function answer<Order, Answer extends object>(work: (order: Order) => [Answer, Transferable[]]): void {
  self.onmessage = ({ data }: MessageEvent<Order>) => {
    try {
      const [reply, transfer] = work(data);
      self.postMessage(reply, { transfer });
    } catch (error) {
      self.postMessage({ failure: reasonOf(error) } satisfies Failure);
    }
  };
}
