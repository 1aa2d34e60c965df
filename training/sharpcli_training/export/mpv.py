"""A student as a user shader of mpv, and of what else is built on libplacebo, such as ffmpeg's filter of that name.

Each pass makes four channels of one convolution at half resolution; the last adds the change to luma. Luma is taken as
limited-range video, 16 to 235, which is what nearly all video is: a shader is not told. Features are 16-bit floats.
OBS cannot use the file: its effects have another language, and its filter plugins run a single pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from sharpcli.files.atomic import whole_file
from sharpcli.inference.conditioned import MARGIN
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.stack import Convolution, Floats, StudentStack

TAPS = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
BLACK, SPAN = "16.0 / 255.0", "255.0 / 219.0"


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write a student that is told nothing any more as `stem`.glsl."""
    path = stem.with_name(f"{stem.name}.glsl")
    with whole_file(path) as file:
        file.write(shader(student, stem.name, MARGIN // 2 if job.vector else 0).encode())
    return [Written(path)]


def shader(student: StudentStack, name: str, margin: int) -> str:
    """The text of the shader; `margin` is how many 2x2 blocks are mirrored around the image."""
    passes = [f"// {name}, written by sharpcli train export --to mpv\n"]
    sources, last = ["HOOKED"], len(student.convolutions) - 1
    for index, one in enumerate(student.convolutions):
        targets = [f"{'AB'[index % 2]}{group}" for group in range(len(one.bias) // 4)]
        for group, target in enumerate(targets):
            title = f"{name}: convolution {index + 1} of {last + 1}, part {group + 1} of {len(targets)}"
            body = [*_convolved(one, group, sources, margin if index == 0 else None)]
            result = "sum" if index == last else "max(sum, vec4(0.0))"
            passes.append(_pass(title, sources, [*_size(sources, margin, target)], [*body, f"return {result};"]))
        sources = targets
    passes.append(_pass(f"{name}: sum", ["HOOKED", *sources], [], _summed(sources[0], margin)))
    return "\n".join(passes)


def _pass(title: str, sources: Iterable[str], saved: Iterable[str], body: Iterable[str]) -> str:
    lines = ["//!HOOK LUMA", f"//!DESC {title}", *(f"//!BIND {source}" for source in sources), *saved]
    return "\n".join([*lines, "vec4 hook() {", *(f"    {line}" for line in body), "}", ""])


def _size(sources: list[str], margin: int, target: str) -> Iterator[str]:
    yield f"//!SAVE {target}"
    for name, side in (("WIDTH", "w"), ("HEIGHT", "h")):
        # Sizes are rounded: a quarter more makes one more block of an odd side, and nothing of an even one.
        first = f"HOOKED.{side} 2 / {2 * margin + 0.25} +"
        yield f"//!{name} {first if sources == ['HOOKED'] else f'{sources[0]}.{side}'}"
    yield "//!COMPONENTS 4"


def _convolved(one: Convolution, group: int, sources: list[str], margin: int | None) -> Iterator[str]:
    """Lines that leave four outputs in `sum`; `margin` where the input is the image itself."""
    rows = slice(4 * group, 4 * group + 4)
    yield f"vec4 sum = {_vector(one.bias[rows])};"
    yield "vec2 at;"
    if margin is not None:
        yield f"vec2 blocks = ceil(HOOKED_size / 2.0) + {2.0 * margin};"
        yield f"vec2 block = floor(HOOKED_pos * blocks) - {float(margin)};"
        yield "vec2 first, second, size = ceil(HOOKED_size / 2.0) * 2.0;"
        yield "vec4 four;"
    for row, column in TAPS:
        weight = one.weight[rows, :, row + 1, column + 1]
        offset = f"vec2({float(column)}, {float(row)})"
        if margin is not None:
            yield from _four(offset, margin)
            yield f"sum += {_matrix(weight)} * four;"
            continue
        yield f"at = {sources[0]}_pos + {sources[0]}_pt * {offset};"
        # Beyond the edges are zeros; a texture would repeat its edge.
        yield "if (all(greaterThan(at, vec2(0.0))) && all(lessThan(at, vec2(1.0)))) {"
        for place, source in enumerate(sources):
            yield f"    sum += {_matrix(weight[:, 4 * place : 4 * place + 4])} * {source}_tex(at);"
        yield "}"


def _four(offset: str, margin: int) -> Iterator[str]:
    """Lines that leave the 2x2 block at `block` + `offset` in `four`: mirrored within the margin, zeros beyond it."""
    yield f"at = block + {offset};"
    yield "first = 2.0 * at; second = first + 1.0; four = vec4(0.0);"
    yield f"if (all(greaterThanEqual(at, vec2({-float(margin)}))) && all(lessThan(at, blocks - {float(margin)}))) {{"
    if margin:
        for name in ("first", "second"):
            yield f"    {name} = abs({name} + 0.5) - 0.5;"
            yield f"    {name} = min({name}, 2.0 * size - 1.0 - {name});"
    # Of an odd side the last row or column is repeated, as a texture does.
    yield "    first = (first + 0.5) * HOOKED_pt; second = (second + 0.5) * HOOKED_pt;"
    corners = ("first", "vec2(second.x, first.y)", "vec2(first.x, second.y)", "second")
    yield f"    four = vec4({', '.join(f'HOOKED_tex({corner}).x' for corner in corners)});"
    yield f"    four = (four - {BLACK}) * ({SPAN});"
    yield "}"


def _summed(change: str, margin: int) -> Iterator[str]:
    yield "vec2 pixel = floor(HOOKED_pos * HOOKED_size);"
    yield f"vec2 block = floor(pixel / 2.0) + {float(margin)};"
    yield f"vec4 four = {change}_tex((block + 0.5) * {change}_pt);"
    yield "vec2 odd = mod(pixel, 2.0);"
    yield "vec2 pair = odd.y < 0.5 ? four.xy : four.zw;"
    yield "vec4 color = HOOKED_tex(HOOKED_pos);"
    yield f"color.x = clamp(color.x + (odd.x < 0.5 ? pair.x : pair.y) / ({SPAN}), 0.0, 1.0);"
    yield "return color;"


def _matrix(weight: Floats) -> str:
    """4 outputs x 4 inputs, column by column as GLSL has it."""
    return f"mat4({_numbers(weight.T)})"


def _vector(values: Floats) -> str:
    return f"vec4({_numbers(values)})"


def _numbers(values: Floats) -> str:
    return ", ".join(f"{value:.6e}" if abs(value) < 1e-3 else f"{value:.6f}" for value in np.ravel(values))
