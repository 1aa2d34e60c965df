/** A page for tests: they call what it puts on `window`. Not part of the build. */

import { open } from "../../src/backends/wasm";
import type { Precision } from "../../src/backends/backend";
import { fold } from "../../src/networks/fold";
import { readNetwork } from "../../src/networks/read";
import { drawn } from "./pictures";

/** RGBA of a sharpened picture as base64, how long it took in ms, and the device. */
async function sharpen(network: string, picture: string, precision: Precision, vector?: number[]) {
  const stack = fold(readNetwork(await (await fetch(network)).arrayBuffer()), vector);
  const pixels = await drawn(picture);
  const backend = await open();
  const runner = await backend.compile(stack, precision);
  await runner.image(pixels, 1);
  const start = performance.now();
  const result = await runner.image(pixels, 1);
  const ms = performance.now() - start;
  backend.close();
  return { pixels: base64(result.data), ms, device: backend.device };
}

function base64(bytes: Uint8ClampedArray): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  return btoa(text);
}

/** Only the time of a blank image of this size, in ms; for measuring. */
async function time(network: string, width: number, height: number, precision: Precision, vector?: number[]) {
  const stack = fold(readNetwork(await (await fetch(network)).arrayBuffer()), vector);
  const backend = await open();
  const runner = await backend.compile(stack, precision);
  const pixels = new ImageData(width, height);
  await runner.image(new ImageData(256, 256), 1);
  const times = [];
  for (let lap = 0; lap < 3; lap++) {
    const start = performance.now();
    await runner.image(pixels, 1);
    times.push(performance.now() - start);
  }
  backend.close();
  return times;
}

/** What a backend says to those who ask too much of it. */
async function refusals(network: string) {
  const stack = fold(readNetwork(await (await fetch(network)).arrayBuffer()));
  const backend = await open();
  const said = (work: Promise<unknown>) => work.then(() => "", (error: Error) => error.message);
  const half = await said(backend.compile(stack, "half"));
  const int8 = await said(backend.compile(stack, "int8"));
  const runner = await backend.compile(stack, "float");
  const odd = await said(runner.image(new ImageData(31, 32), 1));
  const closing = said(runner.image(new ImageData(2000, 2000), 1));
  setTimeout(() => backend.close());
  return { half, int8, odd, closing: await closing, closed: await said(runner.image(new ImageData(32, 32), 1)) };
}

/** Whether two networks asked at the same time give what they give one after the other. */
async function together(networks: string[], picture: string): Promise<boolean> {
  const backend = await open();
  const pixels = await drawn(picture);
  const runners = await Promise.all(
    networks.map(async (name) => {
      const network = readNetwork(await (await fetch(name)).arrayBuffer());
      return backend.compile(fold(network), "float");
    }),
  );
  const apart: string[] = [];
  for (const runner of runners) apart.push(base64((await runner.image(pixels, 1)).data));
  const joined = await Promise.all(runners.map(async (runner) => base64((await runner.image(pixels, 1)).data)));
  backend.close();
  return apart[0] !== apart[1] && joined.every((text, index) => text === apart[index]);
}

Object.assign(window, { together, sharpen, time, refusals });
