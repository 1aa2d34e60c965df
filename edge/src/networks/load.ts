/** Fetches networks for programs that bring no page of ours: from the folder that they name. */

import { fold, untouched } from "./fold";
import type { Network, Stack } from "./network";
import { readNetwork } from "./read";

export interface Wanted {
  enhancer: "student" | "student-live";
  profile: string;
  /** For a conditioned profile: what is to be undone. */
  vector?: readonly number[];
}

/** The INT8-trained network of an enhancer and profile below `base`, an absolute address; rejects with a sentence. */
export async function loadNetwork(enhancer: Wanted["enhancer"], profile: string, base: string | URL): Promise<Network> {
  const name = `${enhancer}-${profile}-int8`;
  const folder = String(base).endsWith("/") ? base : `${base}/`;
  const answer = await fetch(new URL(`${name}.bin`, folder)).catch(() => undefined);
  if (!answer) throw new Error(`The network ${name} could not be fetched from ${folder}: there is no connection.`);
  if (!answer.ok) throw new Error(`The network ${name} is not at ${folder} (error ${answer.status}).`);
  return readNetwork(await answer.arrayBuffer());
}

/** The plain stack of what is wanted; null where the vector says that nothing is to be undone. */
export async function loadStack({ enhancer, profile, vector }: Wanted, base: string | URL): Promise<Stack | null> {
  const network = await loadNetwork(enhancer, profile, base);
  if (!network.header.conditioned) return fold(network);
  return vector && untouched(vector) ? null : fold(network, vector);
}
