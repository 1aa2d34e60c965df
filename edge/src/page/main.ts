/** The page: three ways in, one result. */

import { offerBenchmark } from "./benchmark";
import { element } from "./elements";
import { Engine } from "./engine";
import { showFigures } from "./figures";
import { kindOf, onFile } from "./files";
import { network } from "./networks";
import { keepOffline } from "./offline";
import { Panels } from "./panels";
import { onSettings, settings, showSettings } from "./settings";
import { stackFor } from "./stacks";
import { fail, say, sentence } from "./status";
import { Stills } from "./stills";
import { showUndo } from "./undo";

const engine = new Engine((words) => (element("runs").textContent = words));
const stills = new Stills(engine);
const panels = new Panels(engine);

onFile((file) => {
  fail("");
  if (kindOf(file) === "image") {
    panels.close();
    void stills.open(file);
  } else void stills.close().then(() => panels.show("clips", file));
  element("name").textContent = file.name;
  element("name").hidden = false;
});
element("camera").addEventListener("click", () => {
  fail("");
  say("");
  void stills.close().then(() => panels.show("calls"));
  element("name").hidden = true;
});
offerBenchmark(engine, () => stills.rest());
onSettings(() => void follow().then(() => stills.later()));

/** Shows what the chosen network is: its figures, and what it can be told. */
async function follow(): Promise<void> {
  showSettings();
  const { enhancer, profile } = settings();
  try {
    const { header } = await network(enhancer, profile);
    const byHand = document.querySelector<HTMLInputElement>("input[name=told][value=hand]")?.checked ?? false;
    showUndo(profile, header.conditioned > 0, byHand);
    showFigures(element("figures"), header);
  } catch (error) {
    fail(sentence(error));
  }
}

/** Opens the backend and runs the network once before it is asked for, so that the first result comes at once. */
async function prepare(): Promise<void> {
  await follow();
  const runner = await engine.runner(await stackFor(settings()));
  await runner.image(new ImageData(64, 64), 1);
}

// A browser without any way to run the networks is told so at once.
stills.after(prepare().catch((error: unknown) => fail(sentence(error))));
void keepOffline(element("offline"));
