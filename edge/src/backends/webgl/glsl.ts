/** GLSL ES 3.00 of a stack's passes: pure functions from shapes to text. Weights come later, by a uniform block. */

/** How features are stored between two passes, four channels a layer of an array texture. */
export type Storage = "levels" | "half" | "float";

/** What two convolutions have in common if they can share a program. */
export interface Shape {
  /** Layers that are read. */
  inputs: number;
  /** Layers that one draw writes, each a render target. */
  targets: number;
  /** Whether the inputs are levels, and what is written. */
  reads: Storage;
  writes: Storage;
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

/** Luma as whole 65536ths of a level, exact in a float: the shares are those of libjpeg. */
const LUMA = `float luma(vec4 pixel) {
  return dot(floor(pixel.rgb * 255.0 + 0.5), vec3(19595.0, 38470.0, 7471.0)) * (1.0 / (65536.0 * 255.0));
}`;

/** `clamp(rint(x / step), 0, 255)`, as the INT8 networks were trained with. */
const LEVELS = `uvec4 levels(vec4 value, float unit) {
  return uvec4(clamp(roundEven(value / unit), 0.0, 255.0));
}`;

/**
 * Pixels to blocks of luma: channel = 2 * row + column. Odd sides repeat their last row or column, and `margin` mirrors
 * that many pixels around the image. What is written has a border of one texel, which stays zero.
 */
export function gather(writes: Storage): string {
  const whole = writes === "levels";
  return `${HEAD}uniform sampler2D pixels;
uniform ivec2 size;
uniform int margin;
uniform float unit;
layout(location = 0) out ${whole ? "uvec4" : "vec4"} block;
${LUMA}
${whole ? LEVELS : ""}
float at(ivec2 place) {
  place = min(place, size + 2 * margin - 1) - margin;
  place = max(place, -1 - place);
  place = min(place, 2 * size - 1 - place);
  return luma(texelFetch(pixels, clamp(place, ivec2(0), size - 1), 0));
}
void main() {
  ivec2 place = 2 * (ivec2(gl_FragCoord.xy) - 1);
  vec4 value = vec4(at(place), at(place + ivec2(1, 0)), at(place + ivec2(0, 1)), at(place + 1));
  block = ${whole ? "levels(value, unit)" : "value"};
}`;
}

/** Number of mat4 in the block of a convolution: nine places, each layer that is read to each that is written. */
export function matrices(shape: Pick<Shape, "inputs" | "targets">): number {
  return 9 * shape.inputs * shape.targets;
}

/**
 * A 3x3 convolution. Around every texture is a border of zeros, so no place needs to be checked. The block holds the
 * matrices by place, layer read, layer written; then, for each layer written, bias and scale; then the step of what is
 * written as levels.
 */
export function convolution(shape: Shape): string {
  const whole = shape.writes === "levels";
  const each = Array.from({ length: shape.targets }, (_, index) => index);
  const lines = (line: (index: number) => string, indent: string) => each.map((index) => indent + line(index)).join("\n");
  const result = (index: number) => {
    const value = `sum${index} * scale[${index}] + bias[${index}]`;
    if (whole) return `levels(${value}, unit.x)`;
    return shape.relu ? `max(${value}, 0.0)` : value;
  };
  return `${HEAD}uniform ${shape.reads === "levels" ? "usampler2DArray" : "sampler2DArray"} features;
layout(std140) uniform Weights {
  mat4 weight[${matrices(shape)}];
  vec4 bias[${shape.targets}];
  vec4 scale[${shape.targets}];
  vec4 unit;
};
${lines((index) => `layout(location = ${index}) out ${whole ? "uvec4" : "vec4"} out${index};`, "")}
${whole ? LEVELS : ""}
void main() {
  ivec2 corner = ivec2(gl_FragCoord.xy) - 1;
  vec4 value;
${lines((index) => `vec4 sum${index} = vec4(0.0);`, "  ")}
${taps(shape)}
${lines((index) => `out${index} = ${result(index)};`, "  ")}
}`;
}

/**
 * Adds `strength` times the change of luma to R, G and B, rounded to the nearest level. For a canvas (`shown`) rows run
 * upwards and colours are premultiplied; to be read back, pixels keep their rows and, where alpha is 0, their colours.
 */
export function finish(): string {
  return `${HEAD}uniform sampler2D pixels;
uniform sampler2DArray features;
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
  vec4 block = texelFetch(features, ivec3(wide / 2 + 1, 0), 0);
  float change = block[(wide.y & 1) * 2 + (wide.x & 1)] * 255.0;
  vec3 colour = clamp(roundEven(pixel.rgb + strength * change), 0.0, 255.0);
  result = vec4(colour, pixel.a) / 255.0;
  if (shown) result.rgb *= result.a;
}`;
}

/** Every product on a line of its own: with constant places, weights are read once for many pixels. */
function taps({ inputs, targets }: Shape): string {
  const lines: string[] = [];
  for (let place = 0, next = 0; place < 9; place++) {
    for (let layer = 0; layer < inputs; layer++) {
      const at = `corner + ivec2(${place % 3}, ${Math.floor(place / 3)})`;
      lines.push(`  value = vec4(texelFetch(features, ivec3(${at}, ${layer}), 0));`);
      for (let target = 0; target < targets; target++) lines.push(`  sum${target} += weight[${next++}] * value;`);
    }
  }
  return lines.join("\n");
}
