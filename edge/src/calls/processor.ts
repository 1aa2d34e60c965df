/** A track processor in the shape that LiveKit's `LocalVideoTrack.setProcessor` takes; needs nothing of LiveKit. */

import { sharpen, type Sharpened, type SharpenOptions } from "./sharpen";
import type { Status } from "./status";

/** What LiveKit hands over; only the track is used. */
export interface ProcessorOptions {
  track: MediaStreamTrack;
}

export class SharpTrackProcessor {
  readonly name = "sharpcli";
  /** The sharpened track, between `init` and `destroy`. */
  processedTrack?: MediaStreamTrack;
  private running?: Sharpened;

  constructor(private readonly options: SharpenOptions = {}) {}

  /** How it goes; undefined before `init`. */
  get status(): Status | undefined {
    return this.running?.status;
  }

  async init({ track }: ProcessorOptions): Promise<void> {
    this.running = sharpen(track, this.options);
    [this.processedTrack] = this.running.stream.getVideoTracks();
  }

  /** Takes up another track, such as that of another camera. */
  async restart(options: ProcessorOptions): Promise<void> {
    await this.destroy();
    await this.init(options);
  }

  async destroy(): Promise<void> {
    this.running?.stop();
    this.running = this.processedTrack = undefined;
  }
}
