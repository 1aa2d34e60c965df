"""The last results, so that another strength, another crop or another look costs no second run of the network."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path

from sharpcli.enhancer import Enhancer
from sharpcli.memory import DEFAULT, ceiling
from sharpcli.pictures import Picture
from sharpcli.pipeline import enhanced, enlarged
from sharpcli.reading import read_picture

BYTES = 400_000_000
CORNER = 64
"""Pixels on a side of what is enhanced first, so that the time measured then is that of the work alone."""


@dataclass(frozen=True)
class Sharpened:
    """The input, enlarged, the full effect of an enhancer on it, and the seconds that it took, loading apart."""

    before: Picture
    after: Picture
    seconds: float

    @property
    def bytes(self) -> int:
        """Of both pictures."""
        return self.before.pixels.nbytes + self.after.pixels.nbytes


class Recent:
    """Remembers results up to a number of bytes; the oldest go first. Safe to use from several threads."""

    def __init__(self, most: int = BYTES) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, Sharpened] = OrderedDict()
        self._lock = threading.Lock()

    def sharpened(self, path: Path, enhancer: Enhancer, upscale: float = 1) -> Sharpened:
        """What an enhancer makes of a file; raises SharpError."""
        state = path.stat()
        key = (path, state.st_mtime_ns, state.st_size, enhancer, upscale)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        result = _sharpened(read_picture(path), enhancer, upscale)
        with self._lock:
            self._found[key] = result
            while sum(one.bytes for one in self._found.values()) > self._most:
                self._found.popitem(last=False)
        return result


def _sharpened(picture: Picture, enhancer: Enhancer, upscale: float) -> Sharpened:
    before = enlarged(picture, upscale)
    height, width, _ = before.pixels.shape
    tile = ceiling(DEFAULT, 1).tile(enhancer, height, width, before.pixels.dtype != "uint8")
    corner = replace(before, pixels=before.pixels[:CORNER, :CORNER])
    enhanced(corner, enhancer, tile)  # loads what has to be loaded
    began = time.perf_counter()
    after = enhanced(before, enhancer, tile)
    return Sharpened(before, after, time.perf_counter() - began)
