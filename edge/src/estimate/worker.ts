/** The worker that an estimator's network runs in. */

import { Kernels } from "../backends/wasm/kernels";
import { readTensors } from "../networks/read";
import type { Answer, Order } from "./messages";
import { Network } from "./network";

let network: Network | undefined;

self.onmessage = ({ data }: MessageEvent<Order>) => {
  let answer: Answer;
  try {
    answer = "file" in data ? opened(data.module, data.file) : { findings: data.patches.map(found) };
  } catch (error) {
    answer = { failure: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
};

function opened(module: WebAssembly.Module, file: ArrayBuffer): Answer {
  const tensors = readTensors(file);
  if (tensors.header.kind !== "estimator") throw new Error(`${tensors.header.name} is not an estimator.`);
  network = new Network(new Kernels(module), tensors);
  return { findings: [] };
}

function found(patch: Float32Array): Float32Array {
  if (!network) throw new Error("The estimator was asked before it had its network.");
  return network.findings(patch);
}
