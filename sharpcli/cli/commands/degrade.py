"""`sharpcli degrade`: make blurry test images from sharp ones."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from sharpcli.batch.job import Job
from sharpcli.cli.batch import run_batch
from sharpcli.cli.numbers import Number
from sharpcli.cli.options import batch_options, format_option
from sharpcli.cli.stdout import Command
from sharpcli.image.degradation.blur import FORMS, Blur
from sharpcli.image.degradation.chain import MOST_NOISE, MOST_SCALE, Chain
from sharpcli.image.image import Image
from sharpcli.image.resample import KERNELS

QUALITY = click.IntRange(1, 100)
KERNEL = click.Choice(list(KERNELS))
USUAL_SCALE = 2
BY_THEMSELVES = ("blur", "noise", "jpeg", "webp")
"""Options without any of which images are resampled."""


def _blur(context: click.Context, parameter: click.Parameter, text: str | None) -> Blur | None:
    return None if text is None else Blur.parse(text)


@click.command(cls=Command)
@batch_options
@format_option("png")
@click.option("--blur", metavar="KIND:SIZE", callback=_blur, help=f"Blur: {FORMS}, in pixels and degrees.")
@click.option("--linear", is_flag=True, help="Blur in linear light (gamma 2.2), as a lens does.")
@click.option(
    "--scale",
    metavar="FACTOR",
    type=Number(1, MOST_SCALE),
    help="Shrink and enlarge by this factor.  [default: 2, or 1 with --blur, --noise, --jpeg or --webp]",
)
@click.option("--down", type=KERNEL, default="bicubic", show_default=True, help="Kernel that shrinks.")
@click.option("--up", type=KERNEL, default="bicubic", show_default=True, help="Kernel that enlarges.")
@click.option("--small-jpeg", metavar="QUALITY", type=QUALITY, help="Compress as JPEG before enlarging.")
@click.option(
    "--noise",
    metavar="LEVELS",
    type=Number(0, MOST_NOISE),
    help="Standard deviation of the noise in each channel, in 8-bit levels.",
)
@click.option("--seed", metavar="N", type=click.IntRange(0), default=0, show_default=True, help="Seed of the noise.")
@click.option("--jpeg", metavar="QUALITY", type=QUALITY, help="Compress as JPEG of this quality.")
@click.option("--webp", metavar="QUALITY", type=QUALITY, help="Compress as WebP of this quality.")
def command(inputs: tuple[Path, ...], out: Path | None, **options: Any) -> None:
    """Make blurry test images from sharp ones.

    Each image is blurred, shrunk and enlarged to its original size, made noisy and compressed, in that order and as far
    as the options say; without any, it is shrunk and enlarged by 2. Together with the originals, the results are pairs
    for `score`. Results are PNG unless --format is given, because a lossy format would degrade them further.
    """
    degrading = {field.name: options.pop(field.name) for field in fields(Chain)}
    given = {name: value for name, value in degrading.items() if value is not None}
    if not given.keys() & {"scale", *BY_THEMSELVES}:
        given["scale"] = USUAL_SCALE
    chain = Chain(**given)
    settings = {"command": "degrade", **asdict(chain)}
    run_batch(Job(partial(_degraded, chain=chain)), settings, inputs, out, suffix="-degraded", **options)


def _degraded(image: Image, chain: Chain, **_: Any) -> Image:
    return replace(image, pixels=chain(image.pixels, image.mode))
