/** ImageData for Node, which has none. */

class Plain {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  readonly colorSpace = "srgb";

  constructor(first: Uint8ClampedArray | number, second: number, third?: number | object) {
    this.width = typeof first === "number" ? first : second;
    this.data = typeof first === "number" ? new Uint8ClampedArray(4 * first * second) : first;
    this.height = typeof first === "number" ? second : typeof third === "number" ? third : first.length / 4 / second;
  }
}

globalThis.ImageData ??= Plain as unknown as typeof ImageData;

/** Pixels of noise, the same for the same seed. */
export function noise(width: number, height: number, seed = 1): ImageData {
  const pixels = new ImageData(width, height);
  for (let index = 0, state = seed; index < pixels.data.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    pixels.data[index] = state >>> 24;
  }
  return pixels;
}
