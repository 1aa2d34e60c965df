/** Runs live frames through networks, on another backend where one is lost. Until one is ready there is no result. */

import type { Backend, Precision, Runner, Source } from "../backends/backend";
import type { Stack } from "../networks/network";
import type { Enhancer } from "./ladder";
import { bare, reasonOf } from "../reasons";
import { Mirror } from "./mirror";

/** What is to be sharpened, and its size. */
export interface Picture {
  source: Source;
  width: number;
  height: number;
}

/** A canvas that the next frame is drawn to again, and where on it the frame begins. */
export interface Drawn {
  canvas: OffscreenCanvas;
  at: number;
  /** The first one of a network, for which things were made ready. */
  first: boolean;
}

export interface Needs {
  backend(): Promise<Backend>;
  /** The stack of an enhancer; null where nothing is to be undone, so that frames are left as they are. */
  stack(enhancer: Enhancer): Promise<Stack | null>;
  strength: number;
  /** Told in a sentence why frames pass through although they should not. */
  trouble(sentence: string): void;
}

interface Ready {
  runner: Runner;
  /** Each has its own: a canvas stays with the kind of backend that drew on it first. */
  canvas: OffscreenCanvas;
  /** Where the backend does not see to sizes and margins itself. */
  mirror?: Mirror;
  used: boolean;
  /** For WebAssembly, and where the browser does not let others see what WebGPU drew: slower, and seen everywhere. */
  readBack: boolean;
}

/** Backends in a row that may fail without one good frame. */
const TRIES = 4;

export class Engine {
  /** What runs, for people. */
  backend = "none";
  private readonly ready = new Map<Enhancer, Ready | null>();
  private readonly making = new Set<Enhancer>();
  private opened?: Promise<Backend>;
  private failures = 0;
  private closed = false;

  constructor(public needs: Needs) {}

  /** A frame sharpened; undefined where it is to pass through. */
  async frame(enhancer: Enhancer, { source, width, height }: Picture): Promise<Drawn | undefined> {
    const one = this.ready.get(enhancer);
    if (one === undefined) this.make(enhancer);
    if (!one || this.needs.strength === 0) return undefined;
    try {
      const fitting = one.mirror?.of(source, width, height) ?? source;
      if (!one.readBack) await one.runner.frame!(fitting, one.canvas, this.needs.strength);
      if (one.mirror && !one.readBack && !one.used && isBlank(one.canvas)) {
        one.readBack = true;
        one.canvas = new OffscreenCanvas(2, 2);
      }
      if (one.mirror && one.readBack) put(await one.runner.image(one.mirror.pixels(), this.needs.strength), one.canvas);
      this.failures = 0;
      const first = !one.used;
      one.used = true;
      return { canvas: one.canvas, at: one.mirror?.margin ?? 0, first };
    } catch (error) {
      // One that was let go of meanwhile may fail.
      if (this.ready.get(enhancer) === one) this.lose(reasonOf(error));
      return undefined;
    }
  }

  /** What becomes of an enhancer's frames: `idle` where there is nothing to undo in them. */
  state(enhancer: Enhancer): "ready" | "idle" | "making" {
    const one = this.ready.get(enhancer);
    return one ? "ready" : one === null ? "idle" : "making";
  }

  /** Lets go of the networks, for others are to be used from now on. */
  renew(): void {
    for (const one of this.ready.values()) one?.runner.close();
    this.ready.clear();
  }

  close(): void {
    this.closed = true;
    this.renew();
  }

  private make(enhancer: Enhancer): void {
    if (this.making.has(enhancer) || this.closed || this.failures >= TRIES) return;
    this.making.add(enhancer);
    void this.made(enhancer).finally(() => this.making.delete(enhancer));
  }

  private async made(enhancer: Enhancer): Promise<void> {
    const { needs } = this;
    try {
      const [backend, stack] = await Promise.all([this.open(), needs.stack(enhancer)]);
      const runner = stack && (await backend.compile(stack, precisionFor(backend)));
      if (this.closed || needs !== this.needs) return runner?.close();
      const canvas = new OffscreenCanvas(2, 2);
      const mirror = backend.name !== "webgl2" && stack ? new Mirror(stack.margin) : undefined;
      this.ready.set(enhancer, runner && { runner, canvas, mirror, used: false, readBack: !runner.frame });
      this.backend = backend.name;
    } catch (error) {
      this.lose(reasonOf(error));
    }
  }

  private open(): Promise<Backend> {
    this.opened ??= this.needs.backend().then((backend) => {
      const { opened } = this;
      void backend.lost.then((reason) => opened === this.opened && this.lose(reason));
      return backend;
    });
    return this.opened;
  }

  private lose(reason: string): void {
    if (this.closed) return;
    this.failures += 1;
    this.opened = undefined;
    this.backend = "none";
    this.renew();
    this.needs.trouble(this.failures < TRIES ? `${bare(reason)}; another way is tried` : bare(reason));
  }
}

/** Half the memory where it is offered: a live frame is seen once, and the difference is below what is seen. */
function precisionFor(backend: Backend): Precision {
  return backend.precisions.includes("half") ? "half" : "float";
}

/** Whether nothing of a canvas can be seen, which is opaque: its first pixel says so. */
function isBlank(canvas: OffscreenCanvas): boolean {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context?.drawImage(canvas, 0, 0, 1, 1, 0, 0, 1, 1);
  return context?.getImageData(0, 0, 1, 1).data[3] === 0;
}

function put(pixels: ImageData, canvas: OffscreenCanvas): void {
  if (canvas.width !== pixels.width) canvas.width = pixels.width;
  if (canvas.height !== pixels.height) canvas.height = pixels.height;
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

