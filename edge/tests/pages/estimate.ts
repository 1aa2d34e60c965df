/** A page for tests: they call what it puts on `window`. Not part of the build. */

import { type Estimator, openEstimator, told } from "../../src/estimate";
import { combined } from "../../src/estimate/combine";
import { drawn } from "./pictures";

const estimators: Record<string, Estimator> = {};

/** What both profiles would be told of a picture. */
async function find(file: string, picture: string) {
  const estimator = (estimators[file] ??= await openEstimator(await (await fetch(file)).arrayBuffer()));
  const pixels = await drawn(picture);
  const context = new OffscreenCanvas(pixels.width, pixels.height).getContext("2d")!;
  context.putImageData(pixels, 0, 0);
  const start = performance.now();
  const found = await estimator.find(pixels, ({ x, y, width, height }) => context.getImageData(x, y, width, height));
  return { ms: performance.now() - start, deblur: told(found, "deblur"), call: told(found, "call") };
}

/** The same of findings that no image has. */
function tell(textured: number[][], flat: number[][]) {
  const found = { degradation: combined(textured, flat), grey: true };
  return { deblur: told(found, "deblur"), call: told(found, "call") };
}

/** Why a file is refused. */
async function refused(file: string): Promise<string> {
  const bytes = await (await fetch(file)).arrayBuffer();
  return openEstimator(bytes).then(() => "", (error: Error) => error.message);
}

Object.assign(window, { find, tell, refused });
