/** The compiled kernels of `edge/wasm`, and the memory that an instance of them works in. */

/** See `edge/wasm` for what each does; pointers are byte offsets into `memory`. */
interface Exports {
  memory: WebAssembly.Memory;
  luma(pixels: number, output: number, width: number): void;
  toLevels(input: number, output: number, count: number, step: number): void;
  add(pixels: number, change: number, width: number, strength: number): void;
  convolveFloats(
    rows: number, kernelRows: number, length: number, step: number, weights: number, bias: number, slope: number,
    outputs: number, output: number, blocks: number,
  ): void;
  convolveLevels(
    rows: number, kernelRows: number, length: number, step: number, weights: number, scale: number, bias: number,
    slope: number, outputs: number, output: number, blocks: number,
  ): void;
}

const PAGE = 65_536;
/** Where the first block lies: no pointer is 0. Kernels keep nothing in memory of their own. */
const START = 64;

export class Kernels {
  readonly run: Exports;
  private end = START;

  constructor(module: WebAssembly.Module) {
    this.run = new WebAssembly.Instance(module, {}).exports as unknown as Exports;
  }

  /** A block of zeros; throws a plain Error where there is no memory left. Blocks are only freed all at once. */
  allocate(bytes: number): number {
    const [start, held] = [this.end, this.run.memory.buffer.byteLength];
    const end = start + Math.ceil(bytes / 64) * 64;
    if (end > held) {
      try {
        this.run.memory.grow(Math.ceil((end - held) / PAGE));
      } catch {
        throw new Error("This browser has not enough memory for this: close other tabs, or make the image smaller.");
      }
    }
    // What it has grown by is zeros already, and is not touched before it is needed.
    this.bytes(start, Math.max(0, Math.min(end, held) - start)).fill(0);
    this.end = end;
    return start;
  }

  /** Frees everything. */
  reset(): void {
    this.end = START;
  }

  bytes(start: number, length: number): Uint8Array {
    return new Uint8Array(this.run.memory.buffer, start, length);
  }

  floats(start: number, length: number): Float32Array {
    return new Float32Array(this.run.memory.buffer, start, length);
  }

  pointers(start: number, length: number): Uint32Array {
    return new Uint32Array(this.run.memory.buffer, start, length);
  }

  /** A block with these numbers in it. */
  copied(numbers: Float32Array | Int16Array): number {
    const start = this.allocate(numbers.byteLength);
    this.bytes(start, numbers.byteLength).set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength));
    return start;
  }
}
