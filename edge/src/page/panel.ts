/** What the page and the panels for clips (`clips/panel.ts`) and the camera (`calls/panel.ts`) know of each other. */

import type { Backend } from "../backends/backend";
import type { Stack } from "../networks/network";

/** What the user chose, as the controls stand. */
export interface Settings {
  enhancer: "student" | "student-live";
  profile: string;
  /** 0 leaves everything as it is, 1 is the network's result, up to 2. */
  strength: number;
  /** What a conditioned profile is to undo, given by hand; undefined: to be found from the picture itself. */
  vector?: readonly number[];
}

/** The page, as a panel sees it. */
export interface PanelContext {
  settings(): Settings;
  /** Calls back whenever a control moved; returns what stops that. */
  onSettings(changed: (settings: Settings) => void): () => void;
  /**
   * The plain stack for the settings, downloaded when it is first asked for. `vector` tells a conditioned network what
   * to undo; without it, the one that was set by hand; an all-zero vector means that frames are to be left as they are.
   */
  stack(settings: Settings, vector?: readonly number[]): Promise<Stack>;
  /** How many numbers the settings' network wants to be told; 0 for photo and x2. */
  conditioned(settings: Settings): Promise<number>;
  /** The backend in use; another one after it was lost. Panels compile their own runners and close them. */
  backend(): Promise<Backend>;
  /** One plain sentence in the page's status line, which screen readers read out. */
  say(sentence: string): void;
  /** The same for what went wrong. */
  fail(sentence: string): void;
  /** Offers a finished file for download. */
  offer(file: Blob, name: string): void;
  /** Of the panel for clips: the clip that was dropped, pasted or chosen. */
  file?: File;
}

export interface Panel {
  /** Stops and lets go of everything: frames, tracks, workers, runners. The page empties the element itself. */
  close(): void;
}

/** What `clips/panel.ts` and `calls/panel.ts` export as `mount`: fills an empty element, which has a heading above it. */
export type Mount = (panel: HTMLElement, context: PanelContext) => Panel | Promise<Panel>;
