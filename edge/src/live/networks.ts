/** The networks beside this module, each fetched once. */

import type { Network } from "../networks/network";
import { readNetwork } from "../networks/read";

const fetched = new Map<string, Promise<Network>>();

/** The network of an enhancer's profile, trained to be rounded; rejects with a sentence where it cannot be had. */
export function network(enhancer: string, profile: string): Promise<Network> {
  const name = `${enhancer}-${profile}-int8`;
  let found = fetched.get(name);
  if (!found) {
    found = load(name);
    fetched.set(name, found);
    found.catch(() => fetched.delete(name)); // so that a lost connection is tried again
  }
  return found;
}

async function load(name: string): Promise<Network> {
  const answer = await fetch(new URL(`networks/${name}.bin`, import.meta.url));
  if (!answer.ok) throw new Error(`The network ${name} is not on the server (${answer.status}).`);
  return readNetwork(await answer.arrayBuffer());
}
