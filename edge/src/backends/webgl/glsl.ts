/** GLSL ES 3.00 of a stack's passes: pure functions from shapes to text. Weights come later, by a uniform block. */

import { packed, packing, QUADS, reading, type Storage, texel, texels } from "./formats";

/** What convolutions have in common if they share a program; four channels are a quad. */
export interface Shape {
  /** Quads that the widest of them reads: each is told at run time how many it reads. */
  inputs: number;
  /** Quads that one draw writes. */
  outputs: number;
  reads: Storage;
  writes: Storage;
  /** Columns of one invocation, each in a layer and render target of its own. */
  columns: number;
  relu: boolean;
}

const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2DArray;
precision highp usampler2DArray;
`;

/** One triangle that covers the viewport: no buffer is needed. */
export const VERTEX = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/** Sums of whole numbers, exact in a float, before anything is divided; the shares are those of libjpeg. */
const LUMA = `float luma(vec4 pixel) {
  return dot(floor(pixel.rgb * 255.0 + 0.5), vec3(19595.0, 38470.0, 7471.0)) * (1.0 / (65536.0 * 255.0));
}`;

/**
 * Pixels to blocks of luma: channel = 2 * row + column. Odd sides repeat their last row or column, and `margin` mirrors
 * that many pixels around the image.
 */
export function gather(writes: Storage, columns: number): string {
  const block = (column: number) =>
    `vec4(at(place + ivec2(${2 * column}, 0)), at(place + ivec2(${2 * column + 1}, 0)), ` +
    `at(place + ivec2(${2 * column}, 1)), at(place + ivec2(${2 * column + 1}, 1)))`;
  return `${HEAD}uniform sampler2D pixels;
uniform ivec2 size;
uniform int margin;
uniform int width;
uniform float unit;
${outputs(columns, writes)}
${LUMA}
${packing(writes)}
float at(ivec2 place) {
  place = min(place, size + 2 * margin - 1) - margin;
  place = max(place, -1 - place);
  place = min(place, 2 * size - 1 - place);
  return luma(texelFetch(pixels, clamp(place, ivec2(0), size - 1), 0));
}
void main() {
  int first = (int(gl_FragCoord.x) - 1) * ${columns};
  ivec2 place = 2 * ivec2(first, int(gl_FragCoord.y) - 1);
${written(columns, 1, writes, (column) => block(column))}
}`;
}

/** Number of mat4 in the block of a convolution: nine places, each quad that is read to each that is written. */
export function matrices(shape: Pick<Shape, "inputs" | "outputs">): number {
  return 9 * shape.inputs * shape.outputs;
}

/**
 * A 3x3 convolution. Around every texture is a border of zeros, so no place needs to be checked. The block holds the
 * matrices by place, quad read, quad written; then, for each quad written, bias and scale; then the step of the levels
 * that are written.
 */
export function convolution(shape: Shape): string {
  const { outputs: quads, columns } = shape;
  const value = (column: number, quad: number) => {
    const sum = `sum${column}_${quad} * scale[${quad}] + bias[${quad}]`;
    return shape.relu && shape.writes !== "levels" ? `max(${sum}, 0.0)` : sum;
  };
  const each = (line: (column: number, quad: number) => string) =>
    range(columns).flatMap((column) => range(quads).map((quad) => line(column, quad)));
  return `${HEAD}${reading(shape.reads, columns)}
layout(std140) uniform Weights {
  mat4 weight[${matrices(shape)}];
  vec4 bias[${quads}];
  vec4 scale[${quads}];
  float unit;
};
uniform int width;
uniform int quads;
${outputs(columns * texels(quads, shape.writes), shape.writes)}
${packing(shape.writes)}
void main() {
  ivec2 place = ivec2(gl_FragCoord.xy);
  int first = (place.x - 1) * ${columns};
  vec4 ${each((column, quad) => `sum${column}_${quad} = vec4(0.0)`).join(", ")};
  int next = 0;
  for (int row = -1; row < 2; row++) for (int beside = -1; beside < 2; beside++) {
    for (int quad = 0; quad < quads; quad++) {
${range(quads).map((quad) => `      mat4 weight${quad} = weight[next + ${quad}];`).join("\n")}
${range(columns).map((column) => products(column, shape)).join("\n")}
      next += ${quads};
    }
  }
${written(columns, quads, shape.writes, value)}
}`;
}

/**
 * Adds `strength` times the change of luma to R, G and B, rounded to the nearest level. For a canvas (`shown`) rows run
 * upwards and colours are premultiplied; to be read back, pixels keep their rows and, where alpha is 0, their colours.
 */
export function finish(reads: Storage, columns: number): string {
  return `${HEAD}${reading(reads, columns)}
uniform sampler2D pixels;
uniform ivec2 size;
uniform int margin;
uniform float strength;
uniform bool shown;
layout(location = 0) out vec4 result;
void main() {
  ivec2 place = ivec2(gl_FragCoord.xy);
  if (shown) place.y = size.y - 1 - place.y;
  vec4 pixel = floor(texelFetch(pixels, place, 0) * 255.0 + 0.5);
  ivec2 wide = place + margin;
  ivec2 block = wide / 2;
  vec4 four = read(ivec2(block.x / ${columns}, block.y) + 1, block.x % ${columns}, 0);
  float change = four[(wide.y & 1) * 2 + (wide.x & 1)] * 255.0;
  vec3 colour = clamp(roundEven(pixel.rgb + strength * change), 0.0, 255.0);
  result = vec4(colour, pixel.a) / 255.0;
  if (shown) result.rgb *= result.a;
}`;
}

/** What one column adds to its sums: a column beside it may lie in the next texel. */
function products(column: number, { columns, outputs }: Shape): string {
  const beside = column ? `beside + ${column}` : "beside";
  const at = `place + ivec2((${beside}) >> ${Math.log2(columns)}, row), (${beside}) & ${columns - 1}`;
  const sums = range(outputs).map((quad) => `      sum${column}_${quad} += weight${quad} * value${column};`);
  return [`      vec4 value${column} = read(${at}, quad);`, ...sums].join("\n");
}

function outputs(count: number, writes: Storage): string {
  return range(count).map((index) => `layout(location = ${index}) out ${texel(writes)} out${index};`).join("\n");
}

/** Writes quads of all columns; columns beyond the right edge stay zero, as what lies there counts. */
function written(columns: number, quads: number, writes: Storage, value: (column: number, quad: number) => string): string {
  const lines = range(texels(quads, writes)).flatMap((index) =>
    range(columns).map((column) => {
      const held = range(quads).slice(index * QUADS[writes], (index + 1) * QUADS[writes]);
      const content = packed(held.map((quad) => value(column, quad)), writes, "unit");
      return `  out${index * columns + column} = first + ${column} < width ? ${content} : ${texel(writes)}(0);`;
    }),
  );
  return lines.join("\n");
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
