/** What a call's line is taken to have done where nothing is known of it. */

import { vectorOf } from "../networks/degradation";
import { called } from "../networks/told";

/** Levels of luma by which coding is off: calls of middling quality; what is not there is hardly changed by so little. */
const CODING = 3;

/** The vector for profile `call` without a look at the frames. */
export function usualCall(): number[] {
  return vectorOf(called({ coding: CODING }));
}
