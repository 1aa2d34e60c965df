"""`sharpcli bench`: measure the speed of enhancers on this machine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from sharpcli.bench import clip
from sharpcli.bench.input import bench_input, parse_pixels
from sharpcli.bench.report import (
    TIMES_ARE,
    about,
    as_dict,
    cost_rows,
    costs_are,
    ratio_rows,
    ratios_are,
    time_rows,
)
from sharpcli.bench.run import ROUNDS, Benchmark, measure
from sharpcli.cli.options import upscale_option
from sharpcli.cli.output import print_table
from sharpcli.cli.progress import progress_bar
from sharpcli.cli.selection import chosen
from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli.files.formats import OFFERED
from sharpcli.files.paths import first_bytes, is_file
from sharpcli.files.unsupported import is_clip
from sharpcli.pipeline.spec import EnhancerSpec

FILE_PATH = click.Path(path_type=Path)
NAME = "NAME[:OPTION=VALUE,...]"


@click.command(cls=Command)
@click.argument("file", required=False, type=FILE_PATH)
@click.option(
    "-e",
    "--enhancer",
    "texts",
    multiple=True,
    metavar=NAME,
    help="Enhancer to measure. Can be repeated.  [default: all that need no option]",
)
@click.option(
    "--size",
    metavar="WIDTHxHEIGHT",
    callback=lambda context, parameter, text: parse_pixels(text) if text else None,
    help="Size of the result in pixels.  [default: 1920x1080, or that of --picture]",
)
@click.option(
    "--picture",
    "image",
    metavar="FILE",
    type=FILE_PATH,
    help="Image to measure with, instead of a built-in photograph.",
)
@upscale_option
@click.option(
    "--format",
    type=click.Choice(OFFERED),
    help="File format to read and write.  [default: png, or that of --picture]",
)
@click.option(
    "--rounds",
    metavar="N",
    type=click.IntRange(1),
    default=ROUNDS,
    show_default=True,
    help="Number of timed runs per enhancer.",
)
@click.option("--against", metavar=NAME, help="Show times relative to this enhancer, measured in the same rounds.")
@click.option("--json", "as_json", is_flag=True, help="Print all measurements as JSON.")
def command(
    file: Path | None,
    texts: tuple[str, ...],
    size: tuple[int, int] | None,
    image: Path | None,
    upscale: float,
    format: str | None,
    rounds: int,
    against: str | None,
    as_json: bool,
) -> None:
    """Measure the speed of enhancers on this machine.

    Images are processed one at a time, warmed up, with the enhancers in alternation so that other load on the machine
    affects all equally. Times are taken with and without reading and writing files, and include waiting for a GPU.
    Anything that takes longer than a second is timed only twice. FILE is an image, as with --picture, or a clip, of
    which decoding, the network, encoding and the whole file are timed.
    """
    if file and image:
        raise SharpError("FILE and --picture both name an image; give one")
    specs = chosen(texts)
    base = EnhancerSpec.parse(against) if against is not None else None
    if base:
        # The order of options does not matter.
        base = next((one for one in specs if one.same(base)), base)
        specs = tuple(dict.fromkeys((*specs, base)))
    image = image or file
    if image and is_file(image) and is_clip(image, first_bytes(image)):
        if size or format:
            raise SharpError("--size and --format are about images; a clip is measured as it is")
        _measure_clip(specs, image, rounds, base, upscale, as_json)
        return
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder, progress_bar(own_thread=False) as bar:

        def track(steps: Sequence[Any], text: str) -> Iterable[Any]:
            return bar.track(steps, description=text)

        on = bench_input(Path(folder), size, upscale, image, format)
        measured = measure(specs, on, Path(folder), rounds, base, track)
    if as_json:
        echo(json.dumps(as_dict(measured), indent=2))
    else:
        _print(measured)
    for label, reason in measured.failed:
        say(f"failed: {label}: {reason}")
    if measured.failed:
        raise click.exceptions.Exit(1)


def _measure_clip(
    specs: Sequence[EnhancerSpec], path: Path, rounds: int, base: EnhancerSpec | None, upscale: float, as_json: bool
) -> None:
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as folder, progress_bar(own_thread=False) as bar:
        measured = clip.measure_clip(
            specs, path, Path(folder), rounds, base, upscale, lambda steps, text: bar.track(steps, description=text)
        )
    if as_json:
        echo(json.dumps(clip.as_dict(measured), indent=2))
        return
    for line in clip.about(measured):
        echo(line)
    echo()
    print_table(clip.rows(measured))


def _print(measured: Benchmark) -> None:
    for line in about(measured):
        echo(line)
    if not measured.results:
        return
    tables = [(time_rows(measured), TIMES_ARE), (cost_rows(measured), costs_are())]
    if measured.base:
        tables.insert(1, (ratio_rows(measured), (ratios_are(measured),)))
    for rows, lines in tables:
        echo()
        print_table(rows)
        for line in lines:
            echo(line)
