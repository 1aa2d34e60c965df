/** How features lie in textures: a layer's texel holds one or more quads, which are four channels each. */

/** `levels` are whole numbers up to 255, sixteen a texel; `half` eight numbers of 16 bits; `float` four of 32. */
export type Storage = "levels" | "half" | "float";

/** Quads a texel. Texels of 32-bit whole numbers can be drawn on every device, those of floats need an extension. */
export const QUADS: Record<Storage, number> = { levels: 4, half: 2, float: 1 };

/** Columns that one invocation computes, with weights that are read once; more need more registers than phones have. */
const COLUMNS: Record<Storage, number> = { levels: 2, half: 2, float: 1 };

/** Columns for a run whose features are stored so. */
export function columns(storages: Storage[]): number {
  return Math.min(...storages.map((one) => COLUMNS[one]));
}

/** Texels that hold so many quads. */
export function texels(quads: number, storage: Storage): number {
  return Math.ceil(quads / QUADS[storage]);
}

/** GLSL type of an output and of a sampler. */
export function texel(storage: Storage): string {
  return storage === "float" ? "vec4" : "uvec4";
}

/** Declares `vec4 read(ivec2 place, int column, int quad)` for features whose columns lie in layers of their own. */
export function reading(storage: Storage, columns: number): string {
  const quads = QUADS[storage];
  const fetch = `texelFetch(features, ivec3(place, (quad >> ${Math.log2(quads)}) * ${columns} + column), 0)`;
  const bodies = {
    levels: `uint four = ${fetch}[quad & 3];
  return vec4(uvec4(four, four >> 8, four >> 16, four >> 24) & 255u);`,
    half: `uvec4 eight = ${fetch};
  uvec2 four = (quad & 1) == 0 ? eight.xy : eight.zw;
  return vec4(unpackHalf2x16(four.x), unpackHalf2x16(four.y));`,
    float: `return ${fetch};`,
  };
  return `uniform ${storage === "float" ? "" : "u"}sampler2DArray features;
vec4 read(ivec2 place, int column, int quad) {
  ${bodies[storage]}
}`;
}

/** Declares `pack`, from a quad to what stands for it in a texel: `clamp(rint(value / unit), 0, 255)` for levels. */
export function packing(storage: Storage): string {
  if (storage === "float") return "";
  if (storage === "half") {
    return "uvec2 pack(vec4 value) { return uvec2(packHalf2x16(value.xy), packHalf2x16(value.zw)); }";
  }
  return `uint pack(vec4 value, float unit) {
  uvec4 levels = uvec4(clamp(roundEven(value / unit), 0.0, 255.0));
  return levels.x | levels.y << 8 | levels.z << 16 | levels.w << 24;
}`;
}

/** A texel of these quads; fewer than it holds repeat, and a colour mask says which are written. */
export function packed(values: string[], storage: Storage, unit: string): string {
  if (storage === "float") return values[0];
  const parts = values.map((value) => (storage === "half" ? `pack(${value})` : `pack(${value}, ${unit})`));
  const filled = Array.from({ length: QUADS[storage] }, (_, index) => parts[index % parts.length]);
  return `uvec4(${filled.join(", ")})`;
}
