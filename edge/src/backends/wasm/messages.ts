/** What a backend and its workers send each other; pixels travel by transfer. */

import type { Stack } from "../../networks/network";

/** Rows of an image with as many more above and below as its network sees, as far as there are any. */
export interface Band {
  pixels: ArrayBuffer;
  width: number;
  /** Rows to leave out of the result, above what is wanted, and rows that are. */
  above: number;
  wanted: number;
}

export type Order = { module: WebAssembly.Module } | { stack: Stack } | { band: Band; strength: number };

/** The wanted rows; of the other orders nothing. */
export interface Answer {
  pixels: ArrayBuffer;
}
