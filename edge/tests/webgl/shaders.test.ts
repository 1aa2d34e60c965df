import { describe, expect, test } from "vitest";
import { convolution, type Shape } from "../../src/backends/webgl/convolution";
import { finish, gather } from "../../src/backends/webgl/ends";

const shape: Shape = { inputs: 4, outputs: 4, reads: "levels", writes: "levels", columns: 2, relu: true };

describe("a convolution's shader", () => {
  test("begins with the version, as GLSL demands", () => {
    for (const text of [convolution(shape), gather("half", 2), finish("float", 1)]) {
      expect(text).toMatch(/^#version 300 es\nprecision highp float;/);
    }
  });

  test("has a matrix for each place, quad read and quad written", () => {
    expect(convolution(shape)).toContain("mat4 weight[144];");
    expect(convolution({ ...shape, inputs: 8 })).toContain("mat4 weight[288];");
  });

  test("packs sixteen levels a texel and rounds halves to even", () => {
    const text = convolution(shape);
    expect(text.match(/out uvec4 out\d/g)).toHaveLength(2);
    expect(text).toContain("clamp(roundEven(value / unit), 0.0, 255.0)");
    expect(text).toContain("usampler2DArray features");
  });

  test("packs eight halves a texel", () => {
    const text = convolution({ ...shape, reads: "half", writes: "half" });
    expect(text.match(/out uvec4 out\d/g)).toHaveLength(4);
    expect(text).toContain("unpackHalf2x16");
    expect(text).toContain("packHalf2x16");
  });

  test("draws floats only where floats are asked for", () => {
    const text = convolution({ ...shape, reads: "float", writes: "float", columns: 1 });
    expect(text.match(/out vec4 out\d/g)).toHaveLength(4);
    expect(text).not.toContain("uvec4");
  });

  test("cuts off what is below zero only where the network does, and levels by rounding", () => {
    expect(convolution({ ...shape, writes: "half" })).toContain("max(sum0_0");
    expect(convolution({ ...shape, writes: "half", relu: false })).not.toContain("max(");
    expect(convolution(shape)).not.toContain("max(");
  });

  test("leaves zeros beyond the right edge, for each column by itself", () => {
    expect(convolution(shape)).toContain("out0 = first + 0 < width ?");
    expect(convolution(shape)).toContain("out1 = first + 1 < width ?");
  });
});
