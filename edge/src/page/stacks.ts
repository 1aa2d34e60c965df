/** Settings as the plain stack that runs them. */

import { fold } from "../networks/fold";
import type { Stack } from "../networks/network";
import { network } from "./networks";
import type { Settings } from "./panel";

let latest: { key: string; stack: Stack } | undefined;

/** How many numbers the settings' network is told; 0 for a plain one. */
export async function conditioned({ enhancer, profile }: Settings): Promise<number> {
  return (await network(enhancer, profile)).header.conditioned;
}

/** The stack for what was set, told `vector` where it is conditioned; the same object as long as nothing changed. */
export async function stackFor(settings: Settings, vector = settings.vector): Promise<Stack> {
  const { enhancer, profile } = settings;
  const found = await network(enhancer, profile);
  const length = found.header.conditioned;
  const told = length ? (vector ?? new Array<number>(length).fill(0)) : undefined;
  const key = [enhancer, profile, ...(told ?? [])].join(" ");
  if (latest?.key !== key) latest = { key, stack: fold(found, told) };
  return latest.stack;
}
