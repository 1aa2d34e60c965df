/** The backend in use and the network that is compiled for it; another backend where one is lost or cannot. */

import type { Backend, Precision, Runner } from "../backends/backend";
import { type BackendName, openFirst } from "../backends/open";
import type { Stack } from "../networks/network";
import { sentence } from "./status";

const WORDS: Record<BackendName, string> = { webgpu: "WebGPU", webgl2: "WebGL 2", wasm: "WebAssembly" };

export class Engine {
  private opened?: Promise<Backend>;
  private compiled?: { stack: Stack; backend: Backend; runner: Promise<Runner> };
  private readonly losses: BackendName[] = [];
  /** Why backends were left that could be opened, by name. */
  private readonly left = new Map<BackendName, string>();

  /** `tell` hears what runs and why, whenever a backend was opened. */
  constructor(private readonly tell: (sentence: string) => void) {}

  /** The backend in use; opens one where there is none, and rejects with a sentence where none can be. */
  backend(): Promise<Backend> {
    this.opened ??= this.open();
    return this.opened;
  }

  /** The stack, compiled once as long as it is the last that was asked for, by the first backend that can. */
  async runner(stack: Stack): Promise<Runner> {
    const backend = await this.backend();
    const known = this.compiled;
    if (known?.stack === stack && known.backend === backend) return known.runner;
    this.drop();
    const runner = backend.compile(stack, precisionOf(backend, stack));
    this.compiled = { stack, backend, runner };
    try {
      return await runner;
    } catch (error) {
      if (this.compiled?.runner === runner) this.compiled = undefined;
      // One of the device's own accord comes back; one whose compiler refuses will refuse again.
      if (!(await this.isGone(backend))) this.leave(backend, sentence(error));
      return this.runner(stack);
    }
  }

  /** Whether a backend is no longer the one in use, so that what it could not do is worth another try. */
  async isGone(backend: Backend): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve)); // a loss is told a moment after the call that met it
    return (await this.backend()) !== backend;
  }

  private async open(): Promise<Backend> {
    try {
      const { backend, passed } = await openFirst(preferred(), [...this.left.keys()]);
      const reasons = [...this.left.values(), ...passed];
      this.tell(`Runs on ${WORDS[backend.name]}: ${backend.device}.${reasons.length ? ` Passed over: ${reasons.join(" ")}` : ""}`);
      void backend.lost.then((reason) => this.onLost(backend, reason));
      return backend;
    } catch (error) {
      this.opened = undefined;
      throw new Error([...this.left.values(), sentence(error)].join(" "));
    }
  }

  private leave(backend: Backend, reason: string): void {
    this.left.set(backend.name, reason.slice(0, 200));
    this.opened = this.compiled = undefined;
    backend.close();
  }

  private async onLost(backend: Backend, reason: string): Promise<void> {
    if ((await this.opened) !== backend) return;
    // A device that was lost once may have been reset by another page; one that is lost again is left alone.
    if (this.losses.includes(backend.name)) this.left.set(backend.name, `${WORDS[backend.name]} was lost twice.`);
    this.losses.push(backend.name);
    this.opened = this.compiled = undefined;
    this.tell(`${WORDS[backend.name]} was lost: ${reason} The next image opens it again, or goes another way.`);
  }

  private drop(): void {
    void this.compiled?.runner.then((runner) => runner.close()).catch(() => undefined);
    this.compiled = undefined;
  }
}

/** What stills are run with: exactly what the network was trained to do, which WebAssembly does best in whole numbers. */
function precisionOf(backend: Backend, stack: Stack): Precision {
  const whole = backend.name === "wasm" && stack.convolutions.every((one) => one.rounding);
  if (whole && backend.precisions.includes("int8")) return "int8";
  return backend.precisions.includes("float") ? "float" : backend.precisions[0];
}

/** `?backend=webgl2` in the address: for whoever compares or reports. */
function preferred(): BackendName | undefined {
  const asked = new URLSearchParams(location.search).get("backend");
  return asked && asked in WORDS ? (asked as BackendName) : undefined;
}
