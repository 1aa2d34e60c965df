"""Scores files within a limit of memory: what a pair needs is known from the headers, and waited for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sharpcli.errors import ImageError
from sharpcli.files.paths import first_bytes, is_file
from sharpcli.files.unsupported import is_clip
from sharpcli.image.image import WHOLE, Pixels
from sharpcli.image.read import Header, ImageSource, opened
from sharpcli.pipeline.budget import DEFAULT, Ceiling, Need, Room, ceiling, give_back
from sharpcli.plugin.metric import Metric
from sharpcli.scoring.clips.score import bytes_needed, score_clips
from sharpcli.scoring.evaluate import in_bands
from sharpcli.scoring.metrics import STANDARD
from sharpcli.scoring.score import Score, rgb_of, score_pixels

CONVERTED = 24
"""Bytes a pixel that turning an image into RGB of 8 bits takes, of as many pixels as are turned at a time."""
IN_BANDS, AT_ONCE = 24_000_000, 64
"""Bytes that metrics take which are measured in bands, and bytes a pixel of those that see the whole of both images."""


def score_files(
    name: str,
    result: Path,
    reference: Path,
    baseline: Path | None,
    convention: str,
    metrics: Sequence[Metric] = STANDARD,
    space: Ceiling | None = None,
) -> Score:
    """The score of one pair of files; raises ImageError, which names the file, also when sizes differ.

    Clips are scored frame by frame. It waits until there is room in `space`; images that are too large for memory lie
    in the folder for temporary files.
    """
    files = [path for path in (result, reference, baseline) if path]
    if any(clips := [_is_clip(path) for path in files]):
        if not all(clips):
            raise ImageError(f"{files[clips.index(True)]}: is a clip and {files[clips.index(False)]} is not")
        need = Need(0, bytes_needed(files))
        with (space or ceiling(DEFAULT, 1)).room(need, Path(tempfile.gettempdir())):
            return score_clips(name, result, reference, baseline, convention, metrics)
    with ExitStack() as stack:
        original = stack.enter_context(_opened(reference))
        compared = [(path, stack.enter_context(_opened(path))) for path in (result, baseline) if path]
        headers = [source.header for _, source in compared]
        with _named(result):
            room = stack.enter_context(
                (space or ceiling(DEFAULT, 1)).room(
                    needed(original.header, headers, metrics), Path(tempfile.gettempdir())
                )
            )
        return _scored(name, (reference, original), compared, convention, metrics, room)


def needed(reference: Header, compared: Sequence[Header], metrics: Sequence[Metric]) -> Need:
    """What scoring images against a reference, one after the other, asks of memory."""
    headers = (reference, *compared)
    pixels = max(header.width * header.height for header in headers)
    converting = CONVERTED * min(pixels, WHOLE) if any(_is_converted(header) for header in headers) else 0
    coders = max(header.decoder_bytes for header in headers) + converting + IN_BANDS
    whole = 0 if all(in_bands(metric) for metric in metrics) else AT_ONCE * pixels
    return Need(_held(reference) + max(map(_held, compared)), coders, whole)


def _held(header: Header) -> int:
    own = len(header.mode) * header.depth // 8
    return header.width * header.height * (own + (3 if _is_converted(header) else 0))


def _is_converted(header: Header) -> bool:
    return (header.mode, header.depth) != ("RGB", 8)


def _scored(
    name: str,
    original: tuple[Path, ImageSource],
    compared: Sequence[tuple[Path, ImageSource]],
    convention: str,
    metrics: Sequence[Metric],
    room: Room,
) -> Score:
    """The score; a function of its own, so that no pixels are left when the room is given back."""
    notes: list[str] = []
    reference = _read(*original, room, notes)

    def figures(path: Path, source: ImageSource) -> dict[str, float]:
        pixels = _read(path, source, room, notes)
        with _named(path):
            return score_pixels(pixels, reference, convention, metrics)

    measured = [figures(*one) for one in compared]
    return Score(name, measured[0], measured[1] if len(measured) > 1 else {}, tuple(notes))


def _read(path: Path, source: ImageSource, room: Room, notes: list[str]) -> Pixels:
    """The pixels of a file, and what is to be noted of it added to `notes`."""
    if room.tight:
        give_back()
    with _named(path):
        image = source.read(room.scratch)
        notes += [f"{path}: {note}" for note in image.notes]
        return rgb_of(image, room.scratch)


def _is_clip(path: Path) -> bool:
    try:
        return is_clip(path, first_bytes(path) if is_file(path) else b"")
    except OSError:  # what cannot be read is said by what reads it
        return False


@contextmanager
def _opened(path: Path) -> Iterator[ImageSource]:
    with ExitStack() as stack:
        with _named(path):
            source = stack.enter_context(opened(path))
        yield source


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
