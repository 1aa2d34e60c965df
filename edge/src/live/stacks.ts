/** The stack of an enhancer's profile, told what a live frame usually went through, since nothing looks at it here. */

import type { Enhancer } from "../calls/ladder";
import { usualCall } from "../calls/usual";
import { fold } from "../networks/fold";
import { loadNetwork } from "../networks/load";
import type { Network, Stack } from "../networks/network";

/** Beside this module. */
const FOLDER = new URL(/* @vite-ignore */ "networks/", import.meta.url);
const loaded = new Map<string, Promise<Network>>();

/** Rejects with a sentence where the network cannot be had. */
export async function stackOf(enhancer: Enhancer, options: Record<string, unknown>): Promise<Stack> {
  const network = await networkOf(enhancer, String(options.profile));
  return fold(network, network.header.conditioned ? usualCall() : undefined);
}

function networkOf(enhancer: Enhancer, profile: string): Promise<Network> {
  const name = `${enhancer} ${profile}`;
  const found = loaded.get(name) ?? loadNetwork(enhancer, profile, FOLDER);
  loaded.set(name, found);
  found.catch(() => loaded.delete(name)); // so that a lost connection is tried again
  return found;
}
