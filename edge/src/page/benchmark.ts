/** The benchmark's controls. */

import { measure, report, type Timing } from "./bench";
import { element, table } from "./elements";
import type { Engine } from "./engine";
import { settings } from "./settings";
import { stackFor } from "./stacks";
import { fail, progress, say, sentence } from "./status";

/** Lets the button measure; `rest` is awaited first, so that nothing else runs. */
export function offerBenchmark(engine: Engine, rest: () => Promise<void>): void {
  const start = element<HTMLButtonElement>("bench-start");
  const copy = element<HTMLButtonElement>("bench-copy");
  let line = "";
  start.onclick = async () => {
    const work = new AbortController();
    const bar = progress("Measuring", () => work.abort(new Error("Stopped.")));
    start.disabled = true;
    try {
      await rest();
      const [backend, stack] = [await engine.backend(), await stackFor(settings())];
      const timings = await measure(backend, stack, (what, share) => {
        say(`Measuring ${what}.`);
        bar.at(share);
      }, work.signal);
      line = report(backend, stack.name, timings);
      element("bench-table").replaceChildren(shown(backend.name, timings));
      copy.hidden = false;
      fail("");
      say("Measured.");
    } catch (error) {
      say("");
      fail(sentence(error));
    } finally {
      start.disabled = false;
      bar.done();
    }
  };
  copy.onclick = () =>
    navigator.clipboard.writeText(line).then(
      () => say("The line is in the clipboard."),
      () => say(line), // to be copied from there
    );
}

function shown(backend: string, timings: Timing[]): HTMLTableElement {
  const rows = timings.map(({ size, precision, milliseconds, frames }) => [
    size, precision, milliseconds === null ? "failed" : `${milliseconds.toFixed(1)} ms`, String(frames),
  ]);
  return table(`Median time of a frame on ${backend}`, ["Size", "Precision", "Time", "Frames"], rows);
}
