"""A comparison that waits on the disk, so that looking elsewhere costs neither a network's time nor memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sharpcli.compare.compare import Candidate, Comparison
from sharpcli.errors import SharpError
from sharpcli.image.crops import Place
from sharpcli.image.image import Pixels


@dataclass(frozen=True)
class Kept:
    """A comparison without its pixels, which lie in `folder`; `place` is the one that was clicked, if any.

    `name` is the picture's, `size` its width and height once enlarged, and `asked` whatever was compared.
    """

    comparison: Comparison
    folder: Path
    name: str
    asked: tuple[object, ...]
    size: tuple[int, int]
    seen: tuple[int, int]
    """Width and height of the picture in which the place is marked."""
    older: tuple[Path, ...] = ()
    """Folders of comparisons before this one, which are deleted with the next one."""
    place: Place | None = None

    def around(self, point: Sequence[float], seen: Sequence[float]) -> Kept:
        """The same, looked at where a point lies in the picture as it was `seen`: width and height in its pixels."""
        x, y = (min(max(0, int(at * own / all)), own - 1) for at, own, all in zip(point, self.size, seen, strict=True))
        return replace(self, place=(x, y))

    def opened(self) -> Comparison:
        """The comparison with its pixels, read where they are looked at; raises SharpError when they are gone."""
        try:
            files = [np.load(self.folder / _file(n), mmap_mode="r") for n in range(len(self.comparison.candidates))]
        except FileNotFoundError as error:
            raise SharpError(
                "this comparison is no longer here (the page was closed, or unused for an hour); "
                "upload the picture again"
            ) from error
        return _with_pixels(self.comparison, files)


def keep(comparison: Comparison, folder: Path, name: str, asked: tuple[object, ...], seen: tuple[int, int]) -> Kept:
    """Write the pixels of all candidates to a folder. Raises SharpError."""
    try:
        for number, candidate in enumerate(comparison.candidates):
            np.save(folder / _file(number), candidate.pixels)
    except OSError as error:
        raise SharpError(f"a comparison finds no room on the disk ({error.strerror or error})") from error
    none: Pixels = np.empty((0, 0, 3), np.uint8)
    bare = _with_pixels(comparison, [none] * len(comparison.candidates))
    return Kept(bare, folder, name, asked, comparison.size, seen)


def _file(number: int) -> str:
    return f"{number}.npy"


def _with_pixels(comparison: Comparison, pixels: list[Pixels]) -> Comparison:
    own = [replace(one, pixels=new) for one, new in zip(comparison.candidates, pixels, strict=True)]
    last: list[Candidate] = own[len(comparison.results) + 1 :]
    results = tuple(own[1 : len(comparison.results) + 1])
    return replace(comparison, input=own[0], results=results, reference=last[0] if last else None)
