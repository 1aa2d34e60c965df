import { expect, test } from "vitest";
import { Kernels } from "../../src/backends/wasm/kernels";
import { kernelModule } from "../../src/backends/wasm/module";
import { convolve, emptyMap, fill, layerOf, row, SLOPE } from "../../src/estimate/maps";
import { starts } from "../../src/estimate/patches";
import { powerSpectrum, SPECTRUM } from "../../src/estimate/spectrum";
import { random } from "../wasm/reference";

test.each([[5, 1], [3, 1], [3, 2], [1, 1]])("a kernel of side %i and stride %i is a plain convolution", async (side, stride) => {
  const [height, width, outputs] = [12, 20, 16];
  const kernels = new Kernels(await kernelModule());
  const [table, zeros] = [kernels.allocate(64), kernels.allocate(4096)];
  const values = Float32Array.from({ length: height * width }, random);
  const weight = Float32Array.from({ length: outputs * side * side }, random);
  const bias = Float32Array.from({ length: outputs }, random);
  const from = emptyMap(kernels, height, width, 1);
  const to = emptyMap(kernels, height / stride, width / stride, outputs);
  fill(kernels, from, values);
  const layer = layerOf(kernels, weight, bias, [outputs, 1, side, side], 1, stride);
  // Twice, as for one patch after another: nothing of the first may be left beyond the edges.
  convolve(kernels, layer, from, to, table, zeros);
  convolve(kernels, layer, from, to, table, zeros);
  let apart = 0;
  for (let y = 0; y < to.height; y++) {
    row(kernels, to, y).forEach((found, at) => {
      const [x, output] = [Math.floor(at / outputs), at % outputs];
      let sum = bias[output];
      for (let place = 0; place < side * side; place++) {
        const down = y * stride + Math.floor(place / side) - (side >> 1);
        const across = x * stride + (place % side) - (side >> 1);
        const inside = down >= 0 && across >= 0 && down < height && across < width;
        sum += inside ? values[down * width + across] * weight[output * side * side + place] : 0;
      }
      apart = Math.max(apart, Math.abs(found - Math.max(sum, SLOPE * sum)));
    });
  }
  expect(apart).toBeLessThan(1e-5);
});

test("a wave along the rows is a spot at its frequency, right of the middle", () => {
  const wave = Float32Array.from({ length: 96 * 96 }, (_, at) => 0.5 + 0.4 * Math.cos((2 * Math.PI * 20 * (at % 96)) / 96));
  const spectrum = powerSpectrum(wave);
  const brightest = spectrum.indexOf(Math.max(...spectrum));
  expect([Math.floor(brightest / SPECTRUM.width), brightest % SPECTRUM.width]).toEqual([24, 10]);
});

test("patches are spread over a side, at most 16 of them", () => {
  expect(starts(50)).toEqual([0]);
  expect(starts(96)).toEqual([0]);
  expect(starts(200)).toEqual([0, 52, 104]);
  expect(starts(10_000)).toHaveLength(16);
  expect(starts(10_000).at(-1)).toBe(9904);
});
