"""`sharpcli compare`: compare enhancers side by side on one image or on frames of a clip."""

from __future__ import annotations

from pathlib import Path

import click

from sharpcli.cli.convention import convention_option
from sharpcli.cli.options import strength_option, upscale_option
from sharpcli.cli.output import print_table
from sharpcli.cli.progress import progress_bar
from sharpcli.cli.selection import chosen
from sharpcli.cli.stderr import say
from sharpcli.cli.stdout import Command, echo
from sharpcli.compare.clip import compared_frames, is_a_clip, times_to_show
from sharpcli.compare.compare import check_memory, lined_up, most_changed, scored, sharpened
from sharpcli.compare.sheet import check_room, contact_sheet, stacked
from sharpcli.compare.sheet_file import check_target
from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import shown
from sharpcli.image.crops import CROP_SIDE, ZOOM, Place, seen_at
from sharpcli.image.image import Image, Pixels
from sharpcli.image.read import MAX_PIXELS, opened
from sharpcli.image.write import write_image
from sharpcli.pipeline.run import enlarged
from sharpcli.scoring.score import CONVENTIONS, check_size, read_rgb

FILE_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("image", type=FILE_PATH)
@click.option(
    "-e",
    "--enhancer",
    "texts",
    multiple=True,
    metavar="NAME[:OPTION=VALUE,...]",
    help="Enhancer to compare. Can be repeated.  [default: all that need no option]",
)
@click.option("-o", "--out", metavar="FILE", type=FILE_PATH, required=True, help="Image file to write the sheet to.")
@click.option("--reference", metavar="FILE", type=FILE_PATH, help="Sharp reference image; adds scores.")
@convention_option
@click.option(
    "--at",
    "places",
    multiple=True,
    metavar="X,Y",
    callback=lambda context, parameter, texts: [_place(text) for text in texts],
    help="Position of a crop in the result, in pixels. Can be repeated.  "
    "[default: where the results differ most from the input]",
)
@click.option(
    "--size",
    metavar="PIXELS",
    type=click.IntRange(8, 4096),
    default=CROP_SIDE,
    show_default=True,
    help="Side of a crop in pixels.",
)
@click.option(
    "--zoom",
    metavar="FACTOR",
    type=click.IntRange(1, 32),
    default=ZOOM,
    show_default=True,
    help="Magnification of the crops.",
)
@click.option(
    "--frames",
    metavar="N",
    type=click.IntRange(1, 24),
    default=3,
    show_default=True,
    help="Number of frames to show of a clip, evenly spread; with --reference, one is of the worst second.",
)
@upscale_option
@strength_option
def command(
    image: Path,
    texts: tuple[str, ...],
    out: Path,
    reference: Path | None,
    convention: str,
    places: list[Place],
    size: int,
    zoom: int,
    frames: int,
    upscale: float,
    strength: float,
) -> None:
    """Compare enhancers side by side on one image or on frames of a clip.

    The sheet starts with the input and ends with the reference, if one is given. Options follow the name of an
    enhancer, as in `-e student:profile=x2`. Times are for enhancing only, without reading or writing files.
    """
    check_target(out, [image, *([reference] if reference else [])])
    specs = chosen(texts)
    enhancers = [(spec, spec.create(upscale)) for spec in specs]
    if is_a_clip(image):
        times = times_to_show(image, frames, reference, convention)
        rows, sheets = [], []
        with progress_bar() as bar:
            made = compared_frames(
                image, times, enhancers, reference, convention if reference else "", upscale, strength
            )
            for at, comparison in bar.track(made, total=len(times), description="enhancing"):
                name = f"{image.name} at {at:.2f} s"
                place = places or [most_changed(comparison, size)]
                sheets.append(contact_sheet(comparison, place, name, size, zoom))
                rows += [{"at": f"{at:.2f} s", **row} for row in comparison.rows()]
        write_image(stacked(sheets), out)
        print_table(rows)
        _print_end(convention if reference else "", len(specs), out)
        return
    # Errors come before the networks are run.
    before = _before(image, upscale, len(enhancers))
    original = _original(reference, convention) if reference else None
    height, width = before.pixels.shape[:2]
    windows = seen_at(places or [(0, 0)], size, (width, height))
    check_room(windows, 1 + len(enhancers) + (original is not None), zoom)
    with progress_bar() as bar:
        each = bar.track(enhancers, description="enhancing")
        comparison = lined_up(before, sharpened(before, each, strength), original, upscale, strength)
    comparison = scored(comparison, convention)
    sheet = contact_sheet(comparison, places or [most_changed(comparison, size)], image.name, size, zoom)
    write_image(sheet, out)
    print_table(comparison.rows())
    _print_end(comparison.convention, len(specs), out)


def _print_end(convention: str, compared: int, out: Path) -> None:
    if convention:
        echo(f"convention {CONVENTIONS[convention]}")
    echo(f"{compared} compared -> {shown(out)}")


def _original(reference: Path, convention: str) -> Pixels:
    pixels = read_rgb(reference)
    try:
        check_size(pixels, convention)
    except ImageError as error:
        raise ImageError(f"{shown(reference)}: {error}") from error
    return pixels


def _before(path: Path, upscale: float, results: int) -> Image:
    try:
        # Refused by its header, before anything takes memory.
        with opened(path) as source:
            if (pixels := source.header.width * source.header.height * upscale**2) > MAX_PIXELS:
                raise ImageError(f"would have {pixels / 1e6:.0f} megapixels; the limit is {MAX_PIXELS / 1e6:.0f}")
            check_memory(pixels, results)
            image = source.read()
            for note in image.notes:
                say(f"note: {shown(path)}: {note}")
            return enlarged(image, upscale)
    except ImageError as error:
        raise ImageError(f"{shown(path)}: {error}") from error


def _place(text: str) -> Place:
    x, _, y = text.partition(",")
    try:
        return int(x), int(y)
    except ValueError:
        raise SharpError(f"invalid position {text!r}; use X,Y in pixels") from None
