/** How features, weights and sums are written in WGSL for each precision. */

import type { Precision } from "../backend";

export interface Format {
  precision: Precision;
  /** Whether products are 16-bit floats; they are summed up over a row of taps and added as 32-bit ones. */
  arithmetic16: boolean;
  /** Four channels of a cell (a 2x2 block of pixels) in a buffer, and their bytes. */
  stored: string;
  bytes: number;
  /** From four input channels to four outputs for one tap. */
  weight: string;
  weightBytes: number;
  /** Four outputs being summed up. */
  sum: string;
  load(stored: string): string;
  store(values: string): string;
  product(weight: string, value: string): string;
}

const matrix = (weight: string, value: string): string => `${weight} * ${value}`;

const FLOAT: Format = {
  precision: "float", arithmetic16: false,
  stored: "vec4f", bytes: 16, weight: "mat4x4f", weightBytes: 64, sum: "vec4f",
  load: (stored) => stored, store: (values) => values, product: matrix,
};

// 16-bit storage is in every WebGPU; 16-bit arithmetic is a feature of the device.
const PACKED: Format = {
  ...FLOAT, precision: "half", stored: "vec2u", bytes: 8,
  load: (stored) => `unpacked(${stored})`, store: (values) => `packed(${values})`,
};

const HALF: Format = {
  ...FLOAT, precision: "half", arithmetic16: true,
  stored: "vec4h", bytes: 8, weight: "mat4x4h", weightBytes: 32, sum: "vec4h",
  store: (values) => `vec4h(${values})`,
};

// Levels 0 to 255 are stored as they are, so that the zeros around a buffer are level 0, and read as level - 128, the
// range of dot4I8Packed; sums begin with 128 times the weights.
const INT8: Format = {
  precision: "int8", arithmetic16: false,
  stored: "u32", bytes: 4, weight: "vec4u", weightBytes: 16, sum: "vec4i",
  load: (stored) => `(${stored} ^ 0x80808080u)`, store: (values) => `pack4xU8(vec4u(${values}))`,
  product: (weight, value) => `dots(${weight}, ${value})`,
};

export function formatOf(precision: Precision, arithmetic16: boolean): Format {
  return precision === "int8" ? INT8 : precision === "half" ? (arithmetic16 ? HALF : PACKED) : FLOAT;
}

/** What a shader of this format begins with. */
export function preamble(format: Format): string {
  const parts = [];
  if (format.arithmetic16) parts.push("enable f16;");
  if (format.precision === "int8") parts.push("requires packed_4x8_integer_dot_product;");
  if (format.stored === "vec2u")
    parts.push(
      "fn packed(v: vec4f) -> vec2u { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }",
      "fn unpacked(v: vec2u) -> vec4f { return vec4f(unpack2x16float(v.x), unpack2x16float(v.y)); }",
    );
  if (format.precision === "int8")
    parts.push(`fn dots(w: vec4u, v: u32) -> vec4i {
  return vec4i(dot4I8Packed(w.x, v), dot4I8Packed(w.y, v), dot4I8Packed(w.z, v), dot4I8Packed(w.w, v));
}`);
  return parts.join("\n");
}
