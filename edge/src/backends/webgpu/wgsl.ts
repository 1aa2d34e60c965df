/** The compute shaders of a stack, as text. */

import { type Format, preamble } from "./formats";

/** Cells that a workgroup is wide and high in invocations. */
export const WORKGROUP = [8, 8] as const;
/** Cells beside each other that one invocation computes: each weight that it reads serves them all. */
export const CELLS = 2;

/** One convolution's shader: convolutions that agree in all of this share it. */
export interface Shape {
  /** Groups of four channels that the widest of them takes; how many there are is among its terms. */
  inputs: number;
  outputs: number;
  /** Sums are multiplied by a scale of each output's, as INT8 weights need. */
  scaled: boolean;
  relu: boolean;
  /** Results are rounded to levels, which the next convolution is given. */
  rounded: boolean;
  /** Adds its result to the picture instead of storing it. */
  last: boolean;
}

/** Groups of outputs that one invocation computes; the others are other workgroups' (in z). */
export function groupsAtOnce(outputs: number): number {
  return [4, 3, 2, 1].find((count) => outputs % count === 0)!;
}

const PLACE = `struct Place { image: vec2u, cells: vec2u, strength: f32 }
@group(0) @binding(0) var<uniform> place: Place;`;

/** Features have a border of zeros one cell wide, so that no tap needs to ask where it is. */
const INDEX = `fn index(group: u32, x: u32, y: u32) -> u32 {
  let pitch = place.cells.x + 2;
  return (group * (place.cells.y + 2) + y) * pitch + x;
}`;

/** BT.601 as a sum of whole numbers, which is exact, times 1 / 255 / 65536. */
const LUMA = `fn luma(at: vec2u) -> f32 {
  let pixel = vec3u(round(textureLoad(picture, min(at, place.image - 1), 0).rgb * 255));
  return f32(dot(pixel, vec3u(19595, 38470, 7471))) * (${Math.fround(1 / 255)}f / 65536);
}`;

const LEVELS = (values: string): string => `clamp(round(${values} / terms.step), vec4f(0), vec4f(255))`;

/** From pixels to cells: the luma of a 2x2 block as four channels, rounded to levels if the first convolution is. */
export function lumaShader(format: Format, rounded: boolean): string {
  const cell = "vec4f(luma(at), luma(at + vec2u(1, 0)), luma(at + vec2u(0, 1)), luma(at + vec2u(1, 1)))";
  return `${preamble(format)}
struct Terms { step: f32 }
${PLACE}
@group(0) @binding(1) var picture: texture_2d<f32>;
@group(0) @binding(2) var<storage, read_write> made: array<${format.stored}>;
${rounded ? "@group(0) @binding(3) var<uniform> terms: Terms;" : ""}
${INDEX}
${LUMA}
@compute @workgroup_size(${WORKGROUP.join(", ")})
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= place.cells)) { return; }
  let at = 2 * id.xy;
  let cell = ${cell};
  made[index(0, id.x + 1, id.y + 1)] = ${format.store(rounded ? LEVELS("cell") : "cell")};
}`;
}

/** One 3x3 convolution; its weights are uniform where `bytes` of them fit, because that is the quickest to read. */
export function convolutionShader(format: Format, shape: Shape, uniformBytes: number): string {
  const { inputs, outputs, scaled, last } = shape;
  const count = 9 * inputs * outputs;
  const space = count * format.weightBytes <= uniformBytes ? "uniform" : "storage, read";
  const groups = range(groupsAtOnce(outputs));
  const cells = range(CELLS);
  const both = <T>(make: (cell: number, group: number) => T): T[] => cells.flatMap((c) => groups.map((g) => make(c, g)));
  const start = (group: number): string =>
    format.precision === "int8" ? `vec4i(terms.start[first + ${group}])` : `${format.sum}()`;
  const whole = format.arithmetic16;
  const taps = both((c, g) => `        s${c}${g} += ${format.product(`weights[w + ${g}]`, `v${c}`)};`);
  return `${preamble(format)}
alias Each = array<vec4f, ${outputs}>;
struct Terms { step: f32, inputs: u32, scale: Each, bias: Each, start: Each }
${PLACE}
@group(0) @binding(1) var<storage, read> seen: array<${format.stored}>;
@group(0) @binding(2) var<${space}> weights: array<${format.weight}, ${count}>;
@group(0) @binding(3) var<uniform> terms: Terms;
${last ? PICTURES : `@group(0) @binding(4) var<storage, read_write> made: array<${format.stored}>;`}
${INDEX}
${last ? ADD : ""}
@compute @workgroup_size(${WORKGROUP.join(", ")})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(workgroup_id) workgroup: vec3u) {
  let x = id.x * ${CELLS};
  let y = id.y;
  if (x >= place.cells.x || y >= place.cells.y) { return; }
  let inputs = terms.inputs;
  let first = workgroup.z * ${groups.length};
${both((c, g) => (whole ? `  var t${c}${g} = vec4f();` : `  var s${c}${g} = ${start(g)};`)).join("\n")}
  for (var dy = 0u; dy < 3; dy++) {
${whole ? both((c, g) => `    var s${c}${g} = ${start(g)};`).join("\n") : ""}
    for (var dx = 0u; dx < 3; dx++) {
      for (var input = 0u; input < inputs; input++) {
        let at = index(input, x + dx, y + dy);
        let w = ((3 * dy + dx) * inputs + input) * ${outputs} + first;
${cells.map((v) => `        let v${v} = ${format.load(`seen[at + ${v}]`)};`).join("\n")}
${taps.join("\n")}
      }
    }
${whole ? both((c, g) => `    t${c}${g} += vec4f(s${c}${g});`).join("\n") : ""}
  }
${both((c, g) => results(format, shape, c, g, `${whole ? "t" : "s"}${c}${g}`, scaled)).join("\n")}
}`;
}

const PICTURES = `@group(0) @binding(4) var picture: texture_2d<f32>;
@group(0) @binding(5) var result: texture_storage_2d<rgba8unorm, write>;`;

/** What the last convolution found for a cell is added to its four pixels, to R, G and B alike. */
const ADD = `fn add(cell: vec2u, change: vec4f) {
  for (var phase = 0u; phase < 4; phase++) {
    let at = 2 * cell + vec2u(phase & 1, phase >> 1);
    if (any(at >= place.image)) { continue; }
    let pixel = textureLoad(picture, at, 0);
    let sharp = round(pixel.rgb * 255) + place.strength * 255 * change[phase];
    textureStore(result, at, vec4f(clamp(round(sharp), vec3f(0), vec3f(255)) / 255, pixel.a));
  }
}`;

function results({ store }: Format, shape: Shape, cell: number, group: number, sum: string, scaled: boolean): string {
  const value = `vec4f(${sum})${scaled ? ` * terms.scale[first + ${group}]` : ""} + terms.bias[first + ${group}]`;
  const bent = shape.relu ? `max(${value}, vec4f(0))` : value;
  const done = shape.last
    ? `add(vec2u(x + ${cell}, y), ${bent});`
    : `made[index(first + ${group}, x + ${cell + 1}, y + 1)] = ${store(shape.rounded ? LEVELS(`(${bent})`) : bent)};`;
  return cell === 0 ? `  ${done}` : `  if (x + ${cell} < place.cells.x) { ${done} }`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
