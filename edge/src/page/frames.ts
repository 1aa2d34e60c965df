/** What the frames of a clip or a camera went through, by the estimator that stills are looked at with. */

import type { Told } from "../estimate/index";
import { estimatorOf } from "./estimates";

/** What a frame went through, for profile `deblur` or `call`; rejects with a sentence, or with the signal's reason. */
export async function estimateFrame(frame: ImageData, profile: string, signal?: AbortSignal): Promise<Told> {
  const [estimator, { told }] = await Promise.all([estimatorOf(profile), import("../estimate/index")]);
  const { width, height, data } = frame;
  const found = await estimator.find(
    frame,
    (region) => {
      if (region.width === width && region.height === height) return frame;
      const part = new ImageData(region.width, region.height);
      for (let row = 0; row < region.height; row++) {
        const begin = 4 * ((region.y + row) * width + region.x);
        part.data.set(data.subarray(begin, begin + 4 * region.width), 4 * row * region.width);
      }
      return part;
    },
    signal,
  );
  return told(found, profile);
}
