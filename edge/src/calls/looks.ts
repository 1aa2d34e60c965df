/** Finds what a camera's frames went through: by one of them, and by another one later where that showed nothing. */

import { estimateFrame } from "../page/frames";
import type { PanelContext } from "../page/panel";
import { usualCall } from "./usual";

/** Milliseconds until the next look. A camera's first frames are often dark; one that shows something settles it, for what
 * changes its mind from frame to frame flickers. */
const AGAIN = 3000;

export class Looks {
  private timer?: ReturnType<typeof setTimeout>;
  private said = "";

  /** `again` is called when it is time to ask once more. */
  constructor(
    private readonly context: PanelContext,
    private readonly next: () => Promise<ImageData>,
    private readonly again: () => void,
  ) {}

  /** The vector for a profile; of a call, what lines usually do where nobody can look. Rejects with a sentence. */
  async found(profile: string): Promise<readonly number[]> {
    this.close();
    try {
      const { vector, words } = await estimateFrame(await this.next(), profile);
      if (words !== this.said) this.context.say(`Found in the camera's frames: ${words}.`);
      this.said = words;
      if (!vector.some(Boolean)) this.timer = setTimeout(this.again, AGAIN);
      return vector;
    } catch (error) {
      if (profile === "call") return usualCall();
      throw error;
    }
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
