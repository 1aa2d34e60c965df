/** The stack of an enhancer's profile. */

import type { Enhancer } from "../calls/ladder";
import { fold } from "../networks/fold";
import { loadNetwork } from "../networks/load";
import type { Network, Stack } from "../networks/network";

/** Beside this module. */
export const FOLDER = new URL(/* @vite-ignore */ "networks/", import.meta.url);
const loaded = new Map<string, Promise<Network>>();

/** Told what its frames went through, if it wants to be told. Rejects with a sentence where the network cannot be had. */
export async function stackOf(enhancer: Enhancer, profile: string, vector?: readonly number[]): Promise<Stack> {
  const name = `${enhancer} ${profile}`;
  const found = loaded.get(name) ?? loadNetwork(enhancer, profile, FOLDER);
  loaded.set(name, found);
  found.catch(() => loaded.delete(name)); // so that a lost connection is tried again
  return fold(await found, vector);
}
