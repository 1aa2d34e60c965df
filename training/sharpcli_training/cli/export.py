"""`sharpcli train export`: a run as ONNX, and students in other formats."""

from __future__ import annotations

from pathlib import Path

import click

from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli_training.export.formats import FORMATS
from sharpcli_training.extras import need, need_torch

ONNX = "onnx"


@click.command(cls=Command, short_help="Export a run as ONNX, or students for browsers, phones and boards.")
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@click.option(
    "--to", "target", type=click.Choice([ONNX, *FORMATS]), default=ONNX, show_default=True, help="Format to write."
)
@click.option(
    "-o",
    "--out",
    metavar="PATH",
    required=True,
    type=click.Path(path_type=Path),
    help="The .onnx file to write, with its card next to it; with another format, the folder for the files.",
)
@click.option(
    "--half",
    is_flag=True,
    help="Store the weights of a run as float16. Halves the file size; computation is unchanged.",
)
@click.option(
    "--precision", type=click.Choice(["int8", "fp32", "fp16"]), help="Arithmetic.  [default: what suits the format]"
)
@click.option(
    "--size",
    metavar="WxH",
    help="Image size in pixels, for formats that need one: 640x360, or 360p, 540p, 720p, 1080p.",
)
@click.option(
    "-O",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="What a file that cannot look at images is to undo: kind, blur, noise, light; coding and enlarged for profile "
    "call. Can be repeated.",
)
@click.option("--vector", metavar="NUMBERS", help="The same as a degradation vector: 29 numbers with commas between.")
def export(
    sources: tuple[str, ...],
    target: str,
    out: Path,
    half: bool,
    precision: str | None,
    size: str | None,
    options: tuple[str, ...],
    vector: str | None,
) -> None:
    """Export a run's network as ONNX, or students in the format of --to.

    SOURCE is a run for ONNX; for other formats an installed student (student-live for all its profiles,
    student:profile=deblur for one) or an ONNX file with its card next to it.
    """
    if target == ONNX:
        if len(sources) > 1 or precision or size or options or vector:
            raise SharpError("ONNX is written from one run, without other options than --half; or choose --to")
        _run(Path(sources[0]), out, half)
        return
    if half:
        raise SharpError("--half is for ONNX; use --precision fp16")
    need("onnx")
    from sharpcli_training.export.students import Wish, export_students

    for written in export_students(sources, FORMATS[target], out, Wish(precision, size, options, vector)):
        note = f", {written.note}" if written.note else ""
        echo(f"{_bytes(written.path)} bytes{note} -> {written.path}")


def _bytes(path: Path) -> int:
    """Of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def _run(run: Path, out: Path, half: bool) -> None:
    need_torch()
    from sharpcli_training.export.onnx import export as write

    card = write(run, out, half)
    echo(f"{card['parameters']} parameters, {card['kmac_per_pixel']} kMAC/pixel, {card['bytes']} bytes -> {out}")
