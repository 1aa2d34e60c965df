/** What the tab Live asks for, and which of it the browser edition has. */

import type { Precision } from "../backends/backend";

/** Puts values into a sentence, maybe in another language. */
export type Say = (english: string, values?: Record<string, string | number>) => string;

/** The tab's settings: an enhancer with its options, as the server is asked too. */
export interface Asked {
  enhancer: string;
  options: Record<string, unknown>;
  /** 0 to 2: how much of the change is added. */
  strength: number;
  /** Whether lighter steps may be taken where a frame takes longer than `frameSeconds`. */
  adapt: boolean;
  frameSeconds: number;
}

/** Enhancers of the browser edition, each lighter than the one before. */
const LIGHTER = ["student", "student-live"];
const PROFILES = ["call", "photo", "x2"];

/** Whether only the server has what is asked for: plugins, larger networks, profiles that look at each image first. */
export function missing({ enhancer, options }: Pick<Asked, "enhancer" | "options">): boolean {
  return !LIGHTER.includes(enhancer) || !PROFILES.includes(String(options.profile));
}

/** The enhancer and, where steps may be taken, those that are lighter. */
export function ladder({ enhancer, adapt }: Asked): string[] {
  const steps = LIGHTER.slice(LIGHTER.indexOf(enhancer));
  return adapt ? steps : steps.slice(0, 1);
}

/** The precisions that the option stands for, the preferred one first. */
export function precisions({ options }: Asked): Precision[] {
  if (options.precision === "fp32") return ["float"];
  return options.precision === "int8" ? ["int8", "float"] : ["half", "float"];
}
