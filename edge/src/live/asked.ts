/** What the tab Live asks for, and which of it the browser edition has. */

import { ENHANCERS, type Enhancer } from "../calls/ladder";

/** The tab's settings: an enhancer with its options, as the server is asked too. */
export interface Asked {
  enhancer: string;
  options: Record<string, unknown>;
  /** 0 to 2: how much of the change is added. */
  strength: number;
  /** Whether lighter steps may be taken where a frame takes longer than `seconds`. */
  adapt: boolean;
  seconds: number;
}

const PROFILES = ["call", "deblur", "photo", "x2"];
/** Options that say what to undo, and their values where that is left to what is found. */
const FOUND: Record<string, unknown> = { kind: "auto", blur: -1, noise: -1, light: "auto" };

/**
 * Whether the browser has what is asked for. Only the server has plugins, larger networks, the profile that picks
 * another one, and options that say what to undo.
 */
export function has({ enhancer, options }: Pick<Asked, "enhancer" | "options">): boolean {
  const told = Object.keys(FOUND).some((name) => options[name] !== undefined && options[name] !== FOUND[name]);
  return isEnhancer(enhancer) && PROFILES.includes(String(options.profile)) && !told;
}

export function isEnhancer(name: string): name is Enhancer {
  return (ENHANCERS as readonly string[]).includes(name);
}
