/** The worker that an estimator's network runs in. */

import { answer } from "../backends/wasm/ask";
import { Kernels } from "../backends/wasm/kernels";
import { readTensors } from "../networks/read";
import type { Answer, Order } from "./messages";
import { Network } from "./network";

let network: Network | undefined;

answer<Order, Answer>((order) => {
  if ("patch" in order) {
    if (!network) throw new Error("The estimator was asked before it had its network.");
    return [{ findings: network.findings(order.patch) }, []];
  }
  const tensors = readTensors(order.file);
  if (tensors.header.kind !== "estimator") throw new Error(`${tensors.header.name} is not an estimator.`);
  network = new Network(new Kernels(order.module), tensors);
  return [{ findings: new Float32Array() }, []];
});
