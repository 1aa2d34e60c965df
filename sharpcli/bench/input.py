"""The image that enhancers are measured on: a photograph of any size or the user's own, as a file and in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.formats import FORMATS, TABLE
from sharpcli.files.names import shown
from sharpcli.image.image import Image
from sharpcli.image.read import MAX_PIXELS, read_image
from sharpcli.image.resample import resize
from sharpcli.image.sample import photograph
from sharpcli.image.write import write_image

DEFAULT_SIZE = (1920, 1080)
SAMPLE = "a photograph of scikit-image's"


@dataclass(frozen=True)
class BenchInput:
    """An image and the file it was read from; `name` is what it is called, `ending` that of the result's file."""

    name: str
    image: Image = field(repr=False)
    file: Path
    ending: str
    upscale: float = 1

    @property
    def before(self) -> tuple[int, int]:
        """Width and height as it is read."""
        height, width = self.image.pixels.shape[:2]
        return width, height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the result."""
        width, height = self.before
        return round(width * self.upscale), round(height * self.upscale)

    @property
    def bits(self) -> int:
        """Of each channel."""
        return 8 * self.image.pixels.dtype.itemsize

    def __str__(self) -> str:
        width, height = self.size
        text = f"{shown(self.name)}, {width} x {height} {self.image.mode} with {self.bits} bits per channel"
        if self.upscale != 1:
            text += ", enlarged {:g} times by bicubic interpolation from {} x {}".format(self.upscale, *self.before)
        return text


def parse_pixels(text: str) -> tuple[int, int]:
    """Width and height in a text such as 1920x1080; raises SharpError."""
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*[xX×]\s*([0-9]{1,9})\s*", text)
    if match is None:
        raise SharpError(f"invalid size {text!r}; use WIDTHxHEIGHT in pixels, such as 1920x1080")
    width, height = int(match[1]), int(match[2])
    if not (width and height):
        raise SharpError(f"a size of {width}x{height} has no pixels; use at least 1x1")
    if width * height > MAX_PIXELS:
        raise SharpError(
            f"{width}x{height} is {width * height / 1e6:.0f} megapixels; the limit is {MAX_PIXELS / 1e6:.0f}"
        )
    return width, height


def bench_input(
    folder: Path,
    size: tuple[int, int] | None = None,
    upscale: float = 1,
    own: Path | None = None,
    ending: str | None = None,
) -> BenchInput:
    """An image whose result has `size` (width, height), of which a file lies in `folder` where it has to be made.

    `own` is the user's image, which keeps its size where none is given, and its file where nothing else is asked
    for. `ending` is that of both files, `own`'s if not given, else png. Raises SharpError.
    """
    format = (own.suffix.lower().lstrip(".") if own else "png") if ending is None else ending
    format = format if format in FORMATS else "png"
    wanted = size or (None if own else DEFAULT_SIZE)
    if wanted and max(wanted) > (side := TABLE[FORMATS[format]].side):
        raise SharpError(
            f"{wanted[0]}x{wanted[1]} is too large for {format}, which supports at most {side} pixels on a side"
        )
    before = (max(1, round(wanted[0] / upscale)), max(1, round(wanted[1] / upscale))) if wanted else None
    if own is None:
        assert before is not None
        image = photograph(before)
    else:
        image = _read(own)
        if before and before != image.pixels.shape[1::-1]:
            image = replace(image, pixels=resize(image.pixels, before[::-1], image.mode))
        elif own.suffix.lower().lstrip(".") == format:
            return _checked(BenchInput(own.name, image, own.resolve(), format, upscale))
    file = folder / f"before.{format}"
    made = _checked(BenchInput(own.name if own else SAMPLE, image, file, format, upscale))
    write_image(image, file)
    # As the file has it, where it does not hold every image exactly.
    return replace(made, image=read_image(file))


def _read(own: Path) -> Image:
    try:
        return read_image(own)
    except ImageError as error:
        raise ImageError(f"{shown(own)}: {error}") from error


def _checked(made: BenchInput) -> BenchInput:
    width, height = made.size
    if width * height > MAX_PIXELS:
        raise SharpError(
            f"the result would have {width * height / 1e6:.0f} megapixels; the limit is {MAX_PIXELS / 1e6:.0f}"
        )
    return made
