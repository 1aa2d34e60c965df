/** The rungs that a governor steps down and up: from the enhancer that was asked for to none at all. */

import { plain, type Rung, type Say } from "./governor";
import { PASS } from "./status";

/** The enhancers that run live, each lighter than the one before. */
export const ENHANCERS = ["student", "student-live"] as const;
export type Enhancer = (typeof ENHANCERS)[number];

export interface Step extends Rung {
  /** Undefined where frames pass through. */
  enhancer?: Enhancer;
}

/** The best first: the enhancer, lighter ones, the last of them on every second frame, pass through. */
export function ladder(enhancer: Enhancer, say: Say = plain): Step[] {
  const chain: Step[] = ENHANCERS.slice(ENHANCERS.indexOf(enhancer)).map((name) => ({ name, every: 1, enhancer: name }));
  const lightest = ENHANCERS[ENHANCERS.length - 1];
  return [
    ...chain,
    { name: say("{enhancer} on every second frame", { enhancer: lightest }), every: 2, enhancer: lightest },
    { name: say(PASS, {}), every: 1 },
  ];
}
