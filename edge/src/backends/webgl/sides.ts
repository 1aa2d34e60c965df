/** How large a source is. */

import type { Source } from "../backend";

/** Width and height of a source as it is shown. */
export function sides(source: Source): { width: number; height: number } {
  if ("displayWidth" in source) return { width: source.displayWidth, height: source.displayHeight };
  if ("videoWidth" in source) return { width: source.videoWidth, height: source.videoHeight };
  return { width: source.width, height: source.height };
}
