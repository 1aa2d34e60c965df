/** What a picture went through, as set by hand or as found in it by the estimator, which is loaded for it. */

import type { Estimator, Told } from "../estimate/index";
import { element } from "./elements";
import { bytesOf } from "./networks";
import type { Settings } from "./panel";
import { type Picture, readerOf } from "./picture";
import { say, sentence } from "./status";

const FILES: Record<string, string> = { call: "estimator-call", deblur: "estimator" };
const opened = new Map<string, Promise<Estimator>>();
/** What was found in a picture, by profile: it does not change with strength or enhancer. */
const known = new WeakMap<Picture, Map<string, Told>>();

/** Rejects with a sentence where it cannot be found, or with the signal's reason. */
export async function estimate(settings: Settings, picture: Picture, signal: AbortSignal): Promise<Told> {
  const { profile, vector } = settings;
  if (vector) return { vector: [...vector], words: "as set by hand" };
  const before = known.get(picture)?.get(profile);
  const told = before ?? (await found(profile, picture, signal));
  known.set(picture, (known.get(picture) ?? new Map<string, Told>()).set(profile, told));
  element("found").textContent = `Found: ${told.words}.`;
  return told;
}

async function found(profile: string, picture: Picture, signal: AbortSignal): Promise<Told> {
  element("found").textContent = "";
  say("Looking at what the image went through.");
  const { told } = await import("../estimate/index");
  const estimator = await estimatorOf(profile).catch((error: unknown) => {
    throw new Error(`${sentence(error)} What to undo can still be set by hand.`);
  });
  return told(await estimator.find(picture, readerOf(picture), signal), profile);
}

/** The estimator for a profile, which is loaded once. */
export function estimatorOf(profile: string): Promise<Estimator> {
  const before = opened.get(profile);
  if (before) return before;
  const coming = Promise.all([import("../estimate/index"), bytesOf(FILES[profile])]).then(
    ([{ openEstimator }, file]) => openEstimator(file),
  );
  opened.set(profile, coming);
  coming.catch(() => opened.delete(profile)); // so that it is tried again
  return coming;
}
