/** What an estimator and its worker send each other. */

export type Order =
  | { module: WebAssembly.Module; file: ArrayBuffer }
  | { patch: Float32Array<ArrayBuffer> };

/** What was found in the patch; nothing for the file. */
export interface Answer {
  findings: Float32Array;
}
