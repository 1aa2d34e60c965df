/** What the page says of its work: a line that screen readers read out, an alert, a bar and Stop. */

import { reasonOf } from "../reasons";
import { element } from "./elements";

const line = element("status");
const problem = element("problem");
const working = element("working");
const bar = element<HTMLProgressElement>("progress");
const stop = element<HTMLButtonElement>("stop");
const SHOWN_AFTER = 400; // milliseconds: what is done before needs no bar

export function say(sentence: string): void {
  line.textContent = sentence;
}

export function fail(sentence: string): void {
  problem.textContent = sentence;
  problem.hidden = !sentence;
}

/** A sentence for whatever was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof RangeError) return "There is not enough memory for this in the browser: try a smaller image.";
  return reasonOf(error);
}

/** Shows progress with time left for something that Stop ends; `done` takes the bar away. */
export function progress(what: string, onStop: () => void): { at(share: number): void; done(): void } {
  const begun = performance.now();
  bar.removeAttribute("value");
  const timer = setTimeout(() => (working.hidden = false), SHOWN_AFTER);
  stop.onclick = onStop;
  return {
    at(share) {
      bar.value = share;
      const seconds = (performance.now() - begun) / 1000;
      const left = Math.ceil((seconds / share) * (1 - share));
      bar.ariaValueText = `${Math.round(share * 100)} %`;
      if (seconds > 2 && share > 0.02 && share < 1) say(`${what}: ${Math.round(share * 100)} %, ${left} s left`);
    },
    done() {
      clearTimeout(timer);
      if (working.contains(document.activeElement)) element("result-title").focus();
      working.hidden = true;
      stop.onclick = null;
    },
  };
}
