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

/** The profiles that need no look at each frame to know what to undo. */
const PROFILES = ["call", "photo", "x2"];

/** Whether the browser has what is asked for; plugins, larger networks and other profiles only the server has. */
export function has({ enhancer, options }: Pick<Asked, "enhancer" | "options">): boolean {
  return isEnhancer(enhancer) && PROFILES.includes(String(options.profile));
}

export function isEnhancer(name: string): name is Enhancer {
  return (ENHANCERS as readonly string[]).includes(name);
}
