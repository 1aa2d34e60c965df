import { describe, expect, test } from "vitest";
import { block, plan } from "../../src/backends/webgl/plan";
import type { Convolution, Stack } from "../../src/networks/network";

const ROOMY = 65536;
const LEAST = 16384; // what WebGL 2 promises for a block of uniforms

function layer(inputs: number, outputs: number, relu: boolean, rounded: boolean): Convolution {
  const whole = Int8Array.from({ length: outputs * inputs * 9 }, (_, index) => ((index * 37) % 255) - 127);
  const rows = new Float32Array(outputs).fill(0.01);
  const rounding = rounded ? { step: 0.5, whole, rows } : undefined;
  return { inputs, outputs, weight: Float32Array.from(whole), bias: new Float32Array(outputs), relu, rounding };
}

function stack(channels: number, rounded: boolean): Stack {
  const middle = [layer(channels, channels, true, rounded), layer(channels, channels, true, rounded)];
  const convolutions = [layer(4, channels, true, rounded), ...middle, layer(channels, 4, false, rounded)];
  return { name: "test", channels, receptiveRadius: 9, kmacPerPixel: 1, margin: 0, convolutions };
}

describe("the draws of a stack", () => {
  test("write every quad once, in layers of their own", () => {
    for (const [channels, bytes] of [[16, ROOMY], [24, ROOMY], [32, ROOMY], [32, LEAST], [48, LEAST]]) {
      for (const rounded of [true, false]) {
        for (const pass of plan(stack(channels, rounded), "half", bytes).passes) {
          const seen = pass.draws.flatMap((draw) =>
            draw.mask.flatMap((on, place) => (on ? Array.from({ length: draw.targets }, (_, one) => `${draw.start + one}.${place}`) : [])),
          );
          expect(new Set(seen).size).toBe(seen.length);
          expect(Math.max(...pass.draws.map((draw) => draw.start + draw.targets))).toBe(pass.layers);
        }
      }
    }
  });

  test("need four render targets at most, and no more weights than a block holds", () => {
    for (const storage of ["half", "float"] as const) {
      for (const draw of plan(stack(32, false), storage, LEAST).passes.flatMap((pass) => pass.draws)) {
        expect(draw.targets).toBeLessThanOrEqual(4);
        expect(draw.block.byteLength).toBeLessThanOrEqual(LEAST);
        expect(draw.source.match(/layout\(location/g)).toHaveLength(draw.targets);
      }
    }
  });

  test("share programs: as many convolutions, two to compile", () => {
    for (const rounded of [true, false]) {
      const draws = plan(stack(16, rounded), "float", ROOMY).passes.flatMap((pass) => pass.draws);
      expect(new Set(draws.map((draw) => draw.source)).size).toBe(2);
    }
  });

  test("keep levels between the layers of INT8 weights, and the change of luma as numbers", () => {
    const planned = plan(stack(16, true), "half", ROOMY);
    expect(planned.blocks).toBe("levels");
    expect(planned.step).toBe(0.5);
    expect(planned.passes.map((pass) => pass.writes)).toEqual(["levels", "levels", "levels", "half"]);
    expect(plan(stack(16, false), "float", ROOMY).passes.map((pass) => pass.writes)).toEqual(Array(4).fill("float"));
  });

  test("are refused in a sentence where a network is too wide", () => {
    expect(() => plan(stack(256, false), "half", LEAST)).toThrow("This network is too wide for WebGL on this device.");
  });
});

describe("the block of a draw", () => {
  test("has matrices by place, quad read and quad written, columns being inputs", () => {
    const one = layer(8, 16, true, false);
    const values = block(one, { inputs: 8, outputs: 2 }, 2, 1);
    const [output, input, place] = [13, 6, 5];
    const matrix = (place * 2 + 1) * 2 + 1; // quad 1 of those read, 3 of those written is the draw's second
    expect(values[16 * matrix + 4 * 2 + 1]).toBe(one.weight[(output * 8 + input) * 9 + place]);
  });

  test("holds whole weights and what they count for, then the step of what is written", () => {
    const values = block(layer(4, 4, true, true), { inputs: 1, outputs: 1 }, 0, 0.25);
    expect(values.subarray(0, 144).every(Number.isInteger)).toBe(true);
    expect(values[148]).toBeCloseTo(0.005); // step of the inputs times that of the row
    expect(values[152]).toBe(0.25);
  });
});
