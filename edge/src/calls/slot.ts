/** Holds the newest frame only: one that was not taken in time makes room for the next and is closed. */

export interface Closable {
  close(): void;
}

export class Slot<T extends Closable> {
  dropped = 0;
  private held: T | undefined;

  put(frame: T): void {
    if (this.held) {
      this.held.close();
      this.dropped += 1;
    }
    this.held = frame;
  }

  /** The newest frame, which the caller closes; undefined where there is none since the last one. */
  take(): T | undefined {
    const frame = this.held;
    this.held = undefined;
    return frame;
  }

  clear(): void {
    this.take()?.close();
  }
}
