/** The controls: what they say, and what is heard of them. */

import { element } from "./elements";
import type { Settings } from "./panel";
import { vectorByHand } from "./undo";

const form = element<HTMLFormElement>("settings");
const MEANINGS: Record<string, string> = {
  photo: "unknown enlargement and light blur",
  x2: "enlarged exactly twice by bicubic interpolation",
  deblur: "blur, noise, enlargement and JPEG, each as strong as the image shows",
  call: "video-call compression",
};

export function settings(): Settings {
  const data = new FormData(form);
  const profile = String(data.get("profile"));
  return {
    enhancer: data.get("enhancer") === "student" ? "student" : "student-live",
    profile,
    strength: Number(data.get("strength")),
    vector: vectorByHand(profile, data),
  };
}

/** Calls back whenever a control moved; returns what stops that. */
export function onSettings(changed: (settings: Settings) => void): () => void {
  const heard = () => changed(settings());
  form.addEventListener("input", heard);
  return () => form.removeEventListener("input", heard);
}

/** Keeps what stands beside the controls in step with them. */
export function showSettings(): void {
  const { profile, strength } = settings();
  element("strength-shown").textContent = strength.toFixed(2);
  element("meaning").textContent = `For images that went through: ${MEANINGS[profile]}.`;
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", showSettings);
for (const option of form.querySelectorAll("option")) option.title = MEANINGS[option.value] ?? "";
