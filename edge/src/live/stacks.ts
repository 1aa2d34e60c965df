/** The stack of an enhancer's profile, told what a live frame went through. */

import type { Enhancer } from "../calls/ladder";
import { vectorOf } from "../networks/degradation";
import { fold } from "../networks/fold";
import { loadNetwork } from "../networks/load";
import type { Network, Stack } from "../networks/network";
import { called } from "../networks/told";

/** Beside this module. */
const FOLDER = new URL("networks/", import.meta.url);
/**
 * What a frame of a call is told to have gone through, since nothing looks at it here: coding that is off by 2 levels,
 * as over a middling line, and no enlargement.
 */
const CODED = vectorOf(called({ coding: 2 }));
const loaded = new Map<string, Promise<Network>>();

/** Rejects with a sentence where the network cannot be had. */
export async function stackOf(enhancer: Enhancer, options: Record<string, unknown>): Promise<Stack> {
  const network = await networkOf(enhancer, String(options.profile));
  return fold(network, network.header.conditioned ? CODED : undefined);
}

function networkOf(enhancer: Enhancer, profile: string): Promise<Network> {
  const name = `${enhancer} ${profile}`;
  const found = loaded.get(name) ?? loadNetwork(enhancer, profile, FOLDER);
  loaded.set(name, found);
  found.catch(() => loaded.delete(name)); // so that a lost connection is tried again
  return found;
}
