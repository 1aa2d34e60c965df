/** Settings as the plain stack that runs them. */

import { fold } from "../networks/fold";
import type { Stack } from "../networks/network";
import { network } from "./networks";
import type { Settings } from "./panel";

/** The latest last: the page's own, and the steps that a camera's governor changes between. */
const kept = new Map<string, Stack>();
const KEPT = 4;

/** How many numbers the settings' network is told; 0 for a plain one. */
export async function conditioned({ enhancer, profile }: Settings): Promise<number> {
  return (await network(enhancer, profile)).header.conditioned;
}

/** The stack for what was set, told `vector` where it is conditioned; the same object for the same settings. */
export async function stackFor(settings: Settings, vector = settings.vector): Promise<Stack> {
  const { enhancer, profile } = settings;
  const found = await network(enhancer, profile);
  const length = found.header.conditioned;
  const told = length ? (vector ?? new Array<number>(length).fill(0)) : undefined;
  const key = [enhancer, profile, ...(told ?? [])].join(" ");
  const stack = kept.get(key) ?? fold(found, told);
  kept.delete(key);
  kept.set(key, stack);
  for (const old of kept.keys()) if (kept.size > KEPT) kept.delete(old);
  return stack;
}
