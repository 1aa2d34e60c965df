"""The Python face: `sharpcli.enhance`, `sharpcli.load` and `sharpcli.score`, on files and on arrays alike."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.batch.plan import refuse_inputs
from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import shown
from sharpcli.files.paths import anchored, current_folder
from sharpcli.image.image import Image, Pixels
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from sharpcli.pipeline.guard import for_this_machine, with_threads
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.pipeline.strength import check_strength
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.running import doing
from sharpcli.scoring.score import Score, chosen_metrics, convention_called, rgb_of, score_pixels

File = str | os.PathLike[str]
MODES_BY_CHANNELS = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
"""What a NumPy array of so many channels shows."""
MOST_UPSCALE = 8
FLOAT_LEVELS = 65535
"""Floats are worked on as so many levels, the most that any image file here has."""


@dataclass(frozen=True)
class Sharpener:
    """An enhancer with its options, ready to be called on many images, from several threads at a time."""

    enhancer: Enhancer
    upscale: float = 1
    strength: float = 1

    def __post_init__(self) -> None:
        _check(self.upscale, self.strength)

    def __call__(self, image: File | NDArray[Any], out: File | None = None) -> NDArray[Any]:
        """The sharp image; see `sharpcli.enhance`."""
        target = None if out is None else _target(image, out)
        before = _image(image)
        with doing("processing an array" if isinstance(image, np.ndarray) else f"processing {shown(os.fspath(image))}"):
            after = sharpen(before, self.enhancer, upscale=self.upscale, strength=self.strength)
        notes = [f"{image}: {note}" for note in before.notes]
        if target is not None:
            notes += [f"{out}: {note}" for note in write_image(after, target)]
        for note in notes:  # the command line tells them beside the image's name
            warnings.warn(note, stacklevel=2)
        # A copy, since the pixels may be the input's own, or an array that the enhancer keeps.
        return np.array(_like(after.pixels, image) if isinstance(image, np.ndarray) else after.pixels, order="C")


def load(
    enhancer: str = "student", *, upscale: float = 1, strength: float = 1, threads: int = 1, **options: Any
) -> Sharpener:
    """An enhancer to be called again and again, as `sharpcli.enhance` does it once.

    `threads` tells how many will call it at a time, which share the processor's cores then; it changes no pixel. Raises
    SharpError for an enhancer, an option or a value that does not exist.

    >>> import sharpcli
    >>> from skimage import data
    >>> sharp = sharpcli.load("student", profile="x2")
    >>> sharp(data.chelsea()).shape
    (300, 451, 3)
    """
    if isinstance(threads, bool) or not isinstance(threads, Integral) or threads < 1:
        raise SharpError(f"threads must be a whole number of at least 1, not {threads!r}")
    _check(upscale, strength)
    made = for_this_machine(create_enhancer(enhancer, options, upscale))
    return Sharpener(with_threads(made, int(threads)) if threads > 1 else made, upscale, strength)


def enhance(
    image: File | NDArray[Any],
    enhancer: str = "student",
    *,
    out: File | None = None,
    upscale: float = 1,
    strength: float = 1,
    **options: Any,
) -> NDArray[Any]:
    """Sharpen one image, a file or an array, as `sharpcli enhance` does.

    An array is H x W (grey) or H x W x C with 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGB and alpha) channels,
    uint8, uint16, or floats in [0, 1]. The result has its dtype and number of dimensions; that of a file is H x W x C.
    `out` writes the result to a file too, with the metadata of the file it came from. `options` are the enhancer's own;
    `upscale` (1 to 8) enlarges first, by bicubic interpolation; `strength` 0 gives the input, 1 the full effect, 2
    twice the change. The array is new, and the caller's to change. Raises SharpError, also where `out` is the file that
    is read: inputs are never changed. Warns (UserWarning) of what a file held that `out` lacks, and of damage that left
    its pixels readable.

    >>> import sharpcli
    >>> from skimage import data
    >>> photo = data.astronaut()
    >>> large = sharpcli.enhance(photo, upscale=2)
    >>> large.shape, large.dtype
    ((1024, 1024, 3), dtype('uint8'))
    >>> sharpcli.enhance(photo, "bicubic", out="same.png").shape
    (512, 512, 3)
    """
    return load(enhancer, upscale=upscale, strength=strength, **options)(image, out)


def score(
    result: File | NDArray[Any],
    reference: File | NDArray[Any],
    *,
    input: File | NDArray[Any] | None = None,
    convention: str = "rgb",
    metrics: Iterable[str] = ("psnr", "ssim"),
) -> dict[str, float]:
    """Score a result against its sharp original, as `sharpcli score` does: a figure for each metric, by its name.

    Files and arrays as `sharpcli.enhance` takes them; transparent ones are compared as seen on mid-grey. `psnr` is in
    dB and infinite for equal images; `sharpcli metrics` lists what else there is. With `input`, the image before
    enhancing, its own figures and the gains over them too: `input_psnr`, `gain_psnr` and so on. Figures of different
    conventions (`rgb`, `y` alias `papers`) cannot be compared. Raises SharpError.

    >>> import sharpcli
    >>> from skimage import data
    >>> photo = data.astronaut()
    >>> sharpcli.score(photo // 2 * 2, photo)["psnr"] > 50
    True
    >>> sharpcli.score(photo, photo)
    {'psnr': inf, 'ssim': 1.0}
    >>> sharpcli.score(photo, photo, metrics=["ms-ssim"])
    {'ms-ssim': 1.0}
    """
    convention = convention_called(convention)
    chosen = chosen_metrics(metrics)
    original = rgb_of(_image(reference))

    def figures(image: File | NDArray[Any]) -> dict[str, float]:
        return score_pixels(rgb_of(_image(image)), original, convention, chosen)

    row = Score("", figures(result), {} if input is None else figures(input)).row()
    del row["image"]
    return row


def _check(upscale: float, strength: float) -> None:
    if not isinstance(upscale, Real) or not 1 <= upscale <= MOST_UPSCALE:  # NaN is neither
        raise SharpError(f"upscale must be at least 1 and at most {MOST_UPSCALE}, not {upscale!r}")
    check_strength(strength)


def _target(image: File | NDArray[Any], out: File) -> Path:
    """Where a result goes, wherever the working folder is by then; raises SharpError when that is the input."""
    if not isinstance(out, str | os.PathLike):
        raise SharpError(f"out must be a path, not {type(out).__name__}")
    target = Path(out)
    if isinstance(image, str | os.PathLike):
        refuse_inputs([Path(image)], [target])
    return anchored(target, current_folder())


def _image(given: File | NDArray[Any]) -> Image:
    if not isinstance(given, np.ndarray):
        if not isinstance(given, str | os.PathLike):
            raise SharpError(f"expected a path or a NumPy array, not {type(given).__name__}")
        try:
            return read_image(Path(given))
        except ImageError as error:
            raise ImageError(f"{given}: {error}") from error
    pixels = given[..., None] if given.ndim == 2 else given
    if pixels.ndim != 3 or pixels.shape[2] not in MODES_BY_CHANNELS or not pixels.size:
        raise SharpError(f"expected an array of H x W or H x W x C with C from 1 to 4, not {given.shape}")
    return Image(np.ascontiguousarray(_levels(pixels)), MODES_BY_CHANNELS[pixels.shape[2]])


def _levels(pixels: NDArray[Any]) -> Pixels:
    if pixels.dtype in (np.uint8, np.uint16):
        return pixels
    if pixels.dtype not in (np.float32, np.float64):
        raise SharpError(
            f"images must be uint8, uint16, float32 or float64, not {pixels.dtype}; convert it with astype"
        )
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= 0 and high <= 1):  # NaN is neither
        raise SharpError(f"float images must have values in [0, 1], not from {low:g} to {high:g}; scale or clip them")
    levels: Pixels = np.rint(pixels * FLOAT_LEVELS).astype(np.uint16)
    return levels


def _like(pixels: NDArray[Any], given: NDArray[Any]) -> NDArray[Any]:
    """The result as the array that came in was: its dtype, its number of dimensions."""
    if given.dtype.kind == "f":
        pixels = (pixels / FLOAT_LEVELS).astype(given.dtype)
    return pixels[..., 0] if given.ndim == 2 else pixels
