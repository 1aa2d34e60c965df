/** The parts for clips and the camera, each loaded when it is asked for. */

import { offer } from "./download";
import { element } from "./elements";
import type { Engine } from "./engine";
import type { Mount, Panel, PanelContext } from "./panel";
import { onSettings, settings } from "./settings";
import { conditioned, stackFor } from "./stacks";
import { fail, say, sentence } from "./status";

const PANELS = import.meta.glob<{ mount: Mount }>(["../clips/panel.ts", "../calls/panel.ts"]);
const TITLES = { clips: "Clip", calls: "Camera" };

export class Panels {
  private open?: Panel;
  private asked = 0;

  constructor(private readonly engine: Engine) {
    element("panel-close").addEventListener("click", () => {
      this.close();
      element("choose").focus();
    });
  }

  /** Opens a panel in place of the picture. */
  async show(name: keyof typeof TITLES, file?: File): Promise<void> {
    this.close();
    const turn = this.asked;
    const place = element("panel");
    element("result-title").textContent = TITLES[name];
    element("panel-box").hidden = false;
    try {
      const load = PANELS[`../${name}/panel.ts`];
      if (!load) throw new Error(`This build of the page has no part for ${name}.`);
      const panel = await (await load()).mount(place, this.context(file));
      if (turn === this.asked) this.open = panel;
      else panel.close(); // something else was chosen meanwhile
    } catch (error) {
      if (turn !== this.asked) return;
      this.close();
      fail(sentence(error));
    }
  }

  close(): void {
    this.asked++;
    this.open?.close();
    this.open = undefined;
    element("panel").replaceChildren();
    element("panel-box").hidden = true;
    element("result-title").textContent = "Result";
  }

  private context(file?: File): PanelContext {
    const backend = () => this.engine.backend();
    return { settings, onSettings, stack: stackFor, conditioned, backend, say, fail, offer, file };
  }
}
