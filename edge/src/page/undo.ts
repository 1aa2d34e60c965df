/** What a conditioned profile is to undo: found in the picture, or set by hand. */

import { type Kind, vectorOf } from "../networks/degradation";
import { blurred, called } from "../networks/told";
import { element, made } from "./elements";

/** How much of the noise of three independent channels is left in their luma; people give that of a channel. */
const LUMA_NOISE = 0.6685;

const KINDS: Record<Kind, string> = {
  defocus: "out of focus", gaussian: "Gaussian blur", motion: "motion", none: "no blur",
};

interface Field {
  name: string;
  words: string;
  most: number;
  value: number;
}
const FIELDS: Record<string, Field[]> = {
  deblur: [
    { name: "size", words: "Size, pixels (radius, sigma or length)", most: 12, value: 2 },
    { name: "noise", words: "Noise, levels", most: 30, value: 0 },
  ],
  call: [
    { name: "coding", words: "Coding error, levels", most: 20, value: 4 },
    { name: "enlarged", words: "Enlarged, times", most: 4, value: 1 },
  ],
};

/** Shows the controls for a profile; `conditioned` says whether its network is told anything. */
export function showUndo(profile: string, conditioned: boolean, byHand: boolean): void {
  const place = element("hand");
  element("undo").hidden = !conditioned;
  place.hidden = !byHand;
  element("found").hidden = byHand;
  if (!conditioned || place.dataset.profile === profile) return;
  place.dataset.profile = profile;
  place.replaceChildren();
  if (profile === "deblur") {
    const select = made("select");
    select.name = "kind";
    for (const [kind, words] of Object.entries(KINDS)) select.append(new Option(words, kind));
    place.append(labelled("Blur", select));
  }
  for (const { name, words, most, value } of FIELDS[profile] ?? []) {
    const input = made("input");
    Object.assign(input, { type: "number", name, min: "0", max: String(most), step: "0.1", defaultValue: String(value), required: true });
    place.append(labelled(words, input));
  }
}

/** The vector that was set by hand; undefined where it is to be found, and for profiles that are told nothing. */
export function vectorByHand(profile: string, data: FormData): readonly number[] | undefined {
  if (data.get("told") !== "hand" || element("undo").hidden) return undefined;
  const number = (name: string): number => {
    const field = FIELDS[profile]?.find((one) => one.name === name);
    return Math.min(Math.max(Number(data.get(name)) || 0, 0), field?.most ?? 0);
  };
  if (profile === "call") return vectorOf(called({ coding: number("coding"), enlarged: Math.max(1, number("enlarged")) }));
  if (profile !== "deblur") return undefined;
  const kind = (data.get("kind") ?? "defocus") as Kind;
  return vectorOf(blurred({ kind, size: number("size"), noise: number("noise") * LUMA_NOISE }));
}

function labelled(words: string, control: HTMLSelectElement | HTMLInputElement): HTMLDivElement {
  const [whole, label] = [made("div"), made("label", words)];
  control.id = label.htmlFor = `undo-${control.name}`;
  whole.append(label, control);
  return whole;
}
