/** What an estimator and its worker send each other. */

export type Order =
  | { module: WebAssembly.Module; file: ArrayBuffer }
  | { patches: Float32Array<ArrayBuffer>[] };

/** What was found in each patch; nothing yet for the file. */
export type Answer = { findings: Float32Array[] } | { failure: string };
