/** GLSL of a convolution, from its shape: weights come later, by a uniform block. */

import { packing, reading, type Storage, texels } from "./formats";
import { HEAD, outputs, range, written } from "./glsl";

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

/** What one column adds to its sums: a column beside it may lie in the next texel. */
function products(column: number, { columns, outputs }: Shape): string {
  const beside = column ? `beside + ${column}` : "beside";
  const at = `place + ivec2((${beside}) >> ${Math.log2(columns)}, row), (${beside}) & ${columns - 1}`;
  const sums = range(outputs).map((quad) => `      sum${column}_${quad} += weight${quad} * value${column};`);
  return [`      vec4 value${column} = read(${at}, quad);`, ...sums].join("\n");
}
