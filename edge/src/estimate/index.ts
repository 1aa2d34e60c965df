/** Finds what an image went through, in a worker. */

import { kernelModule } from "../backends/wasm/module";
import { decided, ofCall } from "../networks/decided";
import { type Degradation, vectorOf } from "../networks/degradation";
import { describe } from "../networks/words";
import type { Reader } from "../pixels/regions";
import { Line } from "../workers/line";
import { Turns } from "../workers/turns";
import { combined } from "./combine";
import type { Answer, Order } from "./messages";
import { patchesOf } from "./patches";

export interface Found {
  degradation: Degradation;
  /** Whether the image has no colour, so that its noise is in one channel only. */
  grey: boolean;
}

export interface Estimator {
  /** A call waits for those before it. Rejects with the reason of `signal`. */
  find(size: { width: number; height: number }, read: Reader, signal?: AbortSignal): Promise<Found>;
  close(): void;
}

/** What a network of a profile is told, and the same for people. */
export interface Told {
  vector: number[];
  words: string;
}

/**
 * `file`: `estimator.bin` for photographs, `estimator-call.bin` for frames of calls.
 * Throws an Error with a plain sentence for any other file, and where the browser has no WebAssembly with SIMD.
 */
export async function openEstimator(file: ArrayBuffer): Promise<Estimator> {
  const module = await kernelModule();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "sharpcli-estimator" });
  const line = new Line<Order, Answer>(worker);
  const turns = new Turns();
  try {
    await line.ask({ module, file });
  } catch (error) {
    line.close();
    throw error;
  }
  return {
    find: (size, read, signal) =>
      turns.take(async () => {
        const { luma, textured, flat, grey } = await patchesOf(size, read, signal);
        const findings: Float32Array[] = [];
        for (const patch of luma) {
          signal?.throwIfAborted();
          findings.push((await line.ask({ patch }, [patch.buffer])).findings);
        }
        const of = (places: number[]) => places.map((place) => findings[place]);
        return { degradation: combined(of(textured), of(flat)), grey };
      }),
    close: () => line.close(),
  };
}

/** What was found, as it is told to the network of profile `deblur` or `call`. */
export function told({ degradation, grey }: Found, profile: string): Told {
  const happened = profile === "call" ? ofCall(degradation) : decided(degradation);
  return { vector: vectorOf(happened), words: describe(happened, grey) };
}
