/** GLSL ES 3.00 that all shaders of the network have in common. */

import { packed, QUADS, type Storage, texel, texels } from "./formats";

export const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp usampler2DArray;
`;

/** One triangle that covers the viewport: no buffer is needed. */
export const VERTEX = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/** Declares the render targets. */
export function outputs(count: number, writes: Storage): string {
  return range(count).map((index) => `layout(location = ${index}) out ${texel(writes)} out${index};`).join("\n");
}

/** Writes quads of all columns; columns beyond the right edge stay zero, as what lies there counts. */
export function written(
  columns: number,
  quads: number,
  writes: Storage,
  value: (column: number, quad: number) => string,
): string {
  const lines = range(texels(quads, writes)).flatMap((index) =>
    range(columns).map((column) => {
      const held = range(quads).slice(index * QUADS[writes], (index + 1) * QUADS[writes]);
      const content = packed(
        held.map((quad) => value(column, quad)),
        writes,
        "unit",
      );
      return `  out${index * columns + column} = first + ${column} < width ? ${content} : ${texel(writes)}(0);`;
    }),
  );
  return lines.join("\n");
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
