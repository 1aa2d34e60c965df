/** The worker that an estimator's network runs in. */

import { Kernels } from "../backends/wasm/kernels";
import { readTensors } from "../networks/read";
import { answer } from "../workers/answer";
import type { Answer, Order } from "./messages";
import { EstimatorNetwork } from "./network";

let network: EstimatorNetwork | undefined;

answer<Order, Answer>((order) => {
  if ("patch" in order) {
    if (!network) throw new Error("The estimator was asked before it had its network.");
    return [{ findings: network.findings(order.patch) }, []];
  }
  const tensors = readTensors(order.file);
  if (tensors.header.kind !== "estimator") throw new Error(`${tensors.header.name} is not an estimator.`);
  network = new EstimatorNetwork(new Kernels(order.module), tensors);
  return [{ findings: new Float32Array() }, []];
});
