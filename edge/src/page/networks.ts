/** The networks' files beside the page, each fetched when it is first asked for. */

import type { Network } from "../networks/network";
import { readNetwork } from "../networks/read";

const kept = new Map<string, Promise<Network>>();

/** The INT8-trained network of an enhancer and profile; rejects with a sentence. */
export function network(enhancer: string, profile: string): Promise<Network> {
  const name = `${enhancer}-${profile}-int8`;
  const known = kept.get(name);
  if (known) return known;
  const coming = bytesOf(name).then(readNetwork);
  kept.set(name, coming);
  coming.catch(() => kept.delete(name)); // so that it is asked for again
  return coming;
}

/** The bytes of a network's file. */
export async function bytesOf(name: string): Promise<ArrayBuffer> {
  const answer = await fetch(new URL(`networks/${name}.bin`, document.baseURI)).catch(() => undefined);
  if (!answer) throw new Error(`The network ${name} cannot be loaded: there is no connection, and it was not kept.`);
  if (!answer.ok) throw new Error(`The network ${name} is not where this page is hosted (error ${answer.status}).`);
  return answer.arrayBuffer();
}
