import { describe, expect, test } from "vitest";
import { formatOf } from "../src/backends/webgpu/formats";
import { groupsOf, half, packTerms, packWeights } from "../src/backends/webgpu/weights";
import { CELLS, convolutionShader, groupsAtOnce, lumaShader, type Shape, WORKGROUP } from "../src/backends/webgpu/wgsl";
import type { Convolution } from "../src/networks/network";

const UNIFORM = 65536;
const hidden: Shape = { inputs: 8, outputs: 8, scaled: false, relu: true, rounded: false, last: false };
const last: Shape = { ...hidden, outputs: 1, relu: false, last: true };
const [float, packed, half16, int8] = [formatOf("float", false), formatOf("half", false), formatOf("half", true), formatOf("int8", true)];

/** What a shader binds: binding and declaration. */
function bindings(code: string): Record<number, string> {
  return Object.fromEntries([...code.matchAll(/@binding\((\d)\) (var.*?);/g)].map(([, at, what]) => [Number(at), what]));
}

describe("a convolution's shader", () => {
  test("binds place, features, weights, terms and its result", () => {
    expect(bindings(convolutionShader(float, hidden, UNIFORM))).toEqual({
      0: "var<uniform> place: Place",
      1: "var<storage, read> seen: array<vec4f>",
      2: `var<uniform> weights: array<mat4x4f, ${9 * 8 * 8}>`,
      3: "var<uniform> terms: Terms",
      4: "var<storage, read_write> made: array<vec4f>",
    });
  });

  test("reads the picture again and writes the result where it is the last", () => {
    const found = bindings(convolutionShader(float, last, UNIFORM));
    expect(found[4]).toBe("var picture: texture_2d<f32>");
    expect(found[5]).toBe("var result: texture_storage_2d<rgba8unorm, write>");
  });

  test("has workgroups that every device allows", () => {
    expect(WORKGROUP[0] * WORKGROUP[1]).toBeLessThanOrEqual(256);
    expect(convolutionShader(float, hidden, UNIFORM)).toContain(`@workgroup_size(${WORKGROUP.join(", ")})`);
  });

  test("keeps weights in a storage buffer where a uniform one would be too small", () => {
    const large = { ...hidden, inputs: 12, outputs: 12 };
    expect(bindings(convolutionShader(float, large, UNIFORM))[2]).toContain("<storage, read>");
    expect(bindings(convolutionShader(half16, large, UNIFORM))[2]).toContain("<uniform>");
  });

  test("does each cell's groups once", () => {
    const code = convolutionShader(float, hidden, UNIFORM);
    const sums = new Set(code.match(/\bs\d\d\b/g));
    expect(sums.size).toBe(CELLS * groupsAtOnce(8));
    expect([4, 8, 12, 6, 5].map(groupsAtOnce)).toEqual([4, 4, 4, 3, 1]);
  });

  test("rounds to levels, scales and bends only where it has to", () => {
    const plain = convolutionShader(float, { ...hidden, relu: false }, UNIFORM);
    expect(plain).not.toMatch(/terms\.scale\[|terms\.step\)|max\(/);
    const code = convolutionShader(float, { ...hidden, scaled: true, rounded: true }, UNIFORM);
    expect(code).toContain("clamp(round((max(vec4f(s00) * terms.scale[first + 0] + terms.bias[first + 0], vec4f(0))) / terms.step)");
  });
});

describe("precisions", () => {
  test("half without 16-bit arithmetic stores pairs and computes in 32 bits", () => {
    const code = convolutionShader(packed, hidden, UNIFORM);
    expect(code).not.toMatch(/enable|f16;|vec4h/);
    expect(bindings(code)[1]).toContain("array<vec2u>");
    expect(code).toMatch(/unpack2x16float[\s\S]*pack2x16float|pack2x16float[\s\S]*unpack2x16float/);
  });

  test("half with it enables f16 first, and adds rows of taps in 32 bits", () => {
    const code = convolutionShader(half16, hidden, UNIFORM);
    expect(code.startsWith("enable f16;\n")).toBe(true);
    expect(bindings(code)[2]).toContain("mat4x4h");
    expect(code).toContain("var s00 = vec4h();");
    expect(code).toContain("t00 += vec4f(s00);");
    expect(code).toContain("= vec4h(max(vec4f(t00)");
  });

  test("int8 asks for dot products, starts from its correction and stores levels", () => {
    const code = convolutionShader(int8, { ...hidden, scaled: true, rounded: true }, UNIFORM);
    expect(code.startsWith("requires packed_4x8_integer_dot_product;")).toBe(true);
    expect(code).toContain("var s00 = vec4i(terms.start[first + 0]);");
    expect(code).toContain("seen[at + 0] ^ 0x80808080u");
    expect(code).toContain("pack4xU8(vec4u(clamp(round(");
  });

  test("luma is BT.601 in whole numbers, rounded to levels for INT8 weights only", () => {
    expect(lumaShader(float, false)).toContain("vec3u(19595, 38470, 7471)");
    expect(bindings(lumaShader(float, false))[3]).toBeUndefined();
    expect(bindings(lumaShader(int8, true))[3]).toBe("var<uniform> terms: Terms");
  });
});

describe("numbers", () => {
  const rounding = { step: 0.5, whole: Int8Array.from({ length: 5 * 6 * 9 }, (_, index) => (index % 255) - 127), rows: Float32Array.of(1, 2, 3, 4, 5) };
  const one: Convolution = { inputs: 6, outputs: 5, relu: true, bias: Float32Array.of(1, 2, 3, 4, 5), weight: Float32Array.from({ length: 270 }, (_, index) => index), rounding };
  const plain = { ...one, rounding: undefined };
  const at = (output: number, input: number, tap: number) => (output * 6 + input) * 9 + tap;

  test("weights lie by tap, inputs and outputs, as columns of float and rows of INT8", () => {
    const floats = new Float32Array(packWeights(plain, float, 2));
    expect(floats[((4 * 2 + 1) * 2 + 0) * 16 + 4 * 1 + 2]).toBe(at(2, 5, 4));
    const bytes = new Int8Array(packWeights(one, int8, 2));
    expect(bytes[((4 * 2 + 1) * 2 + 1) * 16 + 4 * 0 + 1]).toBe(rounding.whole[at(4, 5, 4)]);
    expect(floats[(0 * 2 + 1) * 16 * 2 + 4 * 3]).toBe(0);
  });

  test("a shader's buffer is as large as its widest convolution needs", () => {
    expect(packWeights(plain, float, 8).byteLength).toBe(9 * 8 * 2 * 64);
  });

  test("terms are step, groups of inputs, scale, bias and what level - 128 takes away", () => {
    const terms = packTerms(one, 0.25);
    expect([terms[0], new Uint32Array(terms.buffer)[1]]).toEqual([0.25, groupsOf(6)]);
    expect([...terms.subarray(4, 10)]).toEqual([0.5, 1, 1.5, 2, 2.5, 0]);
    expect([...terms.subarray(12, 17)]).toEqual([1, 2, 3, 4, 5]);
    expect(terms[20]).toBe(128 * rounding.whole.subarray(0, 54).reduce((sum, weight) => sum + weight, 0));
  });

  test.each([
    [0, 0], [1, 0x3c00], [-2, 0xc000], [65504, 0x7bff], [1e6, 0x7bff], [2 ** -24, 1], [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00], [1 + 3 * 2 ** -11, 0x3c02], [0.1, 0x2e66], [2047.9, 0x6800],
  ])("%f as a 16-bit float", (value, bits) => expect(half(value)).toBe(bits));
});
