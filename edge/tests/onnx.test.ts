import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { expect, test } from "vitest";
import { Kernels } from "../src/backends/wasm/kernels";
import { kernelModule } from "../src/backends/wasm/module";
import { Stream } from "../src/backends/wasm/stream";
import { fold } from "../src/networks/fold";
import { readNetwork } from "../src/networks/read";

const [WIDTH, HEIGHT] = [48, 32];
const WEIGHTS = new URL("../../plugins/sharpcli_student/weights/", import.meta.url);
const BUILT = new URL("../../sharpcli/web/edge/networks/", import.meta.url);

ort.env.wasm.numThreads = 1;

/** Soft diagonal edges in some colour, as blur leaves them. */
const PIXELS = Uint8ClampedArray.from({ length: 4 * WIDTH * HEIGHT }, (_, at) => {
  const across = ((at >> 2) % WIDTH) + 2 * Math.floor((at >> 2) / WIDTH);
  return at % 4 === 3 ? 255 : 128 + (80 + 10 * (at % 4)) * Math.tanh(2 * Math.sin(across / 4));
});

/** What ONNX Runtime's own WebAssembly makes of RGBA pixels, by the ONNX file that the network was exported from. */
async function expected(name: string, pixels: Uint8ClampedArray): Promise<number[]> {
  const session = await ort.InferenceSession.create(await readFile(new URL(`${name}.onnx`, WEIGHTS)));
  const luma = Float32Array.from({ length: WIDTH * HEIGHT }, (_, at) => {
    const [red, green, blue] = pixels.subarray(4 * at);
    return (19595 * red + 38470 * green + 7471 * blue) / 65536 / 255;
  });
  const feed = { pixels: new ort.Tensor("float32", luma, [1, 1, HEIGHT, WIDTH]) };
  const output = (await session.run(feed))[session.outputNames[0]].data as Float32Array;
  return Array.from(pixels, (value, at) => {
    const place = at >> 2;
    return at % 4 === 3 ? value : Math.min(255, Math.max(0, Math.round(value + 255 * (output[place] - luma[place]))));
  });
}

test.each(["student-live-photo-int8", "student-live-x2-int8", "student-x2-int8"])("%s gives what ONNX Runtime makes of it", async (name) => {
  const bytes = await readFile(new URL(`${name}.bin`, BUILT));
  const stack = fold(readNetwork(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer));
  const due = await expected(name, PIXELS);
  const result = PIXELS.slice();
  new Stream(new Kernels(await kernelModule()), stack, WIDTH / 2).run(result, 1);
  expect(result).not.toEqual(PIXELS);
  expect(Math.max(...due.map((value, at) => Math.abs(value - result[at])))).toBeLessThanOrEqual(1);
});
