"""The last results, so that another strength, another crop or another look costs no second run of the network."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.pipeline.budget import DEFAULT, ceiling
from sharpcli.pipeline.pieces import Do, at_once
from sharpcli.pipeline.run import enlarged, timed
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.web.tasks.speed import tile_side

BYTES = 400_000_000


@dataclass(frozen=True)
class Sharpened:
    """The input, enlarged, the full effect of an enhancer on it, and the seconds that it took (see `timed`)."""

    before: Image
    after: Image
    seconds: float


class Recent:
    """Remembers images up to a number of bytes; the oldest go first. Safe to use from several threads."""

    def __init__(self, most: int = BYTES) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, tuple[Image, float]] = OrderedDict()
        self._lock = threading.Lock()

    def before(self, path: Path, upscale: float = 1) -> Image:
        """The image in a file, enlarged; raises ImageError."""
        return self._remembered(_key(path, upscale), lambda: (enlarged(read_image(path), upscale), 0.0))[0]

    def has(self, path: Path, enhancer: Enhancer, upscale: float = 1) -> bool:
        """Whether what an enhancer makes of a file is remembered."""
        with self._lock:
            return (*_key(path, upscale), enhancer) in self._found

    def sharpened(self, path: Path, enhancer: Enhancer, upscale: float = 1, do: Do = at_once) -> Sharpened:
        """What an enhancer makes of a file, each piece done by `do`; raises SharpError, and what `do` raises."""
        before = self.before(path, upscale)
        height, width, _ = before.pixels.shape
        tile = ceiling(DEFAULT, 1).tile(enhancer, height, width, before.pixels.dtype != "uint8")
        key = (*_key(path, upscale), enhancer)
        side = min(tile, tile_side(enhancer))
        return Sharpened(before, *self._remembered(key, lambda: timed(before, enhancer, side, do)))

    def _remembered(self, key: Hashable, make: Callable[[], tuple[Image, float]]) -> tuple[Image, float]:
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        made = make()
        with self._lock:
            self._found[key] = made
            while sum(image.pixels.nbytes for image, _ in self._found.values()) > self._most:
                self._found.popitem(last=False)
        return made


def _key(path: Path, upscale: float) -> tuple[Any, ...]:
    state = path.stat()
    return path, state.st_mtime_ns, state.st_size, upscale
