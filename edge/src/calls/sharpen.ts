/** A camera's or a call's track made sharper: for pages of other people. */

import type { Backend } from "../backends/backend";
import { type BackendName, openFirst } from "../backends/open";
import { loadStack } from "../networks/load";
import type { Enhancer } from "./ladder";
import { Live } from "./live";
import { usualCall } from "./usual";
import type { Status } from "./status";

export interface SharpenOptions {
  /** The best that is to be run; lighter ones take over where frames would be late. Default `student`. */
  enhancer?: Enhancer;
  /** `call`, the default, is for what went through a video call; `photo` for a camera at this machine. */
  profile?: string;
  /** 0 leaves everything as it is, 1 is the network's result, up to 2. Default 1. */
  strength?: number;
  /** What a conditioned profile is to undo, 29 numbers; default for `call`: what a line of middling quality did. */
  vector?: readonly number[];
  /** Where the networks' files are; default: `networks/` beside this module. */
  networks?: string | URL;
  /** Opens what runs the networks, again after it was lost; default: the best that was not lost yet. */
  backend?: () => Promise<Backend>;
  /** Where frames are shown; one of its own where none is given. Must never have been drawn to. */
  canvas?: HTMLCanvasElement;
  /** Told every second, and whenever something changes, how it goes. */
  onStatus?: (status: Status) => void;
}

export interface Sharpened {
  /** One video track; it stops with `stop`. */
  readonly stream: MediaStream;
  readonly canvas: HTMLCanvasElement;
  readonly status: Status;
  /** Lets go of everything; the track that was given is left running. */
  stop(): void;
}

/**
 * Sends a video track's frames through a network. Frames pass through untouched until it is ready, and wherever it cannot
 * run; `status.sentence` says so. Throws where `track` is no video or the canvas is in use.
 */
export function sharpen(track: MediaStreamTrack, options: SharpenOptions = {}): Sharpened {
  if (track.kind !== "video") throw new Error("Only a video track can be sharpened.");
  const { profile = "call", networks = new URL(/* @vite-ignore */ "networks/", import.meta.url) } = options;
  const vector = options.vector ?? (profile === "call" ? usualCall() : undefined);
  return new Live(track, {
    enhancer: options.enhancer ?? "student",
    strength: options.strength ?? 1,
    backend: options.backend ?? reopening(),
    stack: (enhancer) => loadStack({ enhancer, profile, vector }, networks),
    canvas: options.canvas,
    onStatus: options.onStatus,
  });
}

/** Opens the best backend, and another one each time that it is asked again: the last was lost then. */
function reopening(): () => Promise<Backend> {
  const lost: BackendName[] = [];
  return async () => {
    const { backend } = await openFirst(undefined, lost);
    lost.push(backend.name);
    return backend;
  };
}
