/** What a picture went through, as set by hand or as found in it by the estimator, which is loaded for it. */

import { element } from "./elements";
import type { Settings } from "./panel";
import type { Picture } from "./picture";

export interface Told {
  vector: readonly number[];
  words: string;
}

/** Rejects with a sentence where it can be neither read from the controls nor found. */
export async function estimate(settings: Settings, _picture: Picture, _signal: AbortSignal): Promise<Told> {
  if (settings.vector) return { vector: settings.vector, words: "as set by hand" };
  element("found").textContent = "";
  throw new Error("This page cannot find by itself yet what an image went through: set it by hand.");
}
