/** The first backend of those that this browser can run: WebGPU, WebGL2, WebAssembly. */

import { reasonOf } from "../reasons";
import type { Backend } from "./backend";

export type BackendName = Backend["name"];

// Imported when asked for, so that a page loads one of them only; a build holds those whose folders are there. Without
// `software` they reject a graphics device that the processor only plays, which is many times slower than WebAssembly.
const OPENERS = import.meta.glob<{ open(software: boolean): Promise<Backend> }>("./*/index.ts");
const FOLDERS: Record<BackendName, string> = { webgpu: "webgpu", webgl2: "webgl", wasm: "wasm" };

export interface Opened {
  backend: Backend;
  /** Why those before it were not taken, a sentence each. */
  passed: string[];
}

/**
 * Opens `preferred` where it can be, else the first that can, graphics devices in software last; rejects with a sentence
 * for each that cannot.
 */
export async function openBackend(preferred?: BackendName): Promise<Backend> {
  return (await openFirst(preferred)).backend;
}

/** The same, and why others were passed over; those in `without` are not tried. */
export async function openFirst(preferred?: BackendName, without: readonly BackendName[] = []): Promise<Opened> {
  const names = (Object.keys(FOLDERS) as BackendName[]).filter((one) => !without.includes(one));
  const tries = [
    ...names.filter((name) => name === preferred).map((name) => ({ name, software: true })),
    ...names.map((name) => ({ name, software: false })),
    ...names.map((name) => ({ name, software: true })),
  ];
  const passed = new Map<BackendName, string>();
  for (const { name, software } of tries) {
    const load = OPENERS[`./${FOLDERS[name]}/index.ts`];
    if (!load) continue;
    try {
      return { backend: await (await load()).open(software), passed: [...passed.values()] };
    } catch (error) {
      passed.set(name, reasonOf(error));
    }
  }
  throw new Error([...passed.values()].join(" ") || "No way to run the networks is left.");
}
