/** GLSL of what comes before the convolutions and after them: from pixels to luma, from its change to pixels. */

import { packing, reading, type Storage } from "./formats";
import { HEAD, outputs, written } from "./glsl";

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
