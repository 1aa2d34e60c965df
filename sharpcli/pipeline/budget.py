"""How much memory an image may take: the ceiling that all images in flight share, and what freed memory is kept."""

from __future__ import annotations

import ctypes
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from math import inf, isqrt
from pathlib import Path
from typing import Any

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.scratch import IN_MEMORY, Scratch, scratch_space
from sharpcli.plugin.enhancer import Enhancer

DEFAULT = 1_000_000_000
LEAST = 200_000_000
TILES = 0.35
"""The share of the ceiling that enhancing takes, divided among the workers; pixels and coders have the rest."""
FREED_SHARE = 0.1
"""The share that the C library may keep of what images have freed, divided among the workers."""
MAX_SHARE = 0.95
"""The share that a single image may have for itself, when nothing else is in flight."""
DISK = 4
"""How many times the ceiling an image's pixels may take on disk: a small file can claim any size."""
FLOATS = 96
"""Bytes a pixel that the pipeline's own conversions need, where an enhancer is not given the bytes of the file."""
SMALL = 4_000_000
"""Arrays of up to so many bytes stay in memory even while an image is worked on from disk."""
WINDOW = 32_000_000
"""Bytes of an image on disk that are in memory at a time: small arrays, and what is mapped between two sweeps."""
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # glibc's malloc.h
LARGE = 32 << 20
"""The largest block that is ever kept: glibc takes no more for it."""


def parse_size(text: str) -> int:
    """Bytes in a text such as 1GB, 500 MB or 2GiB; raises SharpError."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?i?)b?\s*", text.lower())
    number = float(match[1]) if match else inf
    if match is None or match[2] not in UNITS or number == inf:
        raise SharpError(f"invalid memory size {text!r}; use a value such as 1GB, 500MB or 2GiB")
    size = int(number * UNITS[match[2]])
    if size < LEAST:
        raise SharpError(f"--memory must be at least {LEAST / 1e6:.0f}MB, not {text!r}")
    return size


@dataclass(frozen=True)
class Need:
    """What one image asks for, in bytes: its pixels before and after, and the coders that read and write them."""

    pixels: int
    coders: int
    whole: int = 0
    """The work of an enhancer that must see the whole image at once."""


@dataclass(frozen=True)
class Room:
    """Where an image's pixels may lie; if `tight`, nothing may be kept from one step to the next."""

    scratch: Scratch
    tight: bool = False


class Ceiling:
    """Bytes that the images in flight share. Safe to use from several threads."""

    def __init__(self, total: int, workers: int) -> None:
        self.total, self.workers = total, workers
        self._images = int(total * (1 - TILES - FREED_SHARE))
        self._free = self._images
        self._changed = threading.Condition()
        self._turn = threading.Lock()

    def tile(self, enhancer: Enhancer, height: int, width: int, converted: bool) -> int:
        """The largest side of a tile that leaves every worker its share; the whole image's, where that fits."""
        share = self.total * TILES / self.workers
        fits = int(share / (enhancer.bytes_per_pixel + (FLOATS if converted else 0)))
        side = max(height, width) if height * width <= fits else isqrt(fits)
        return max(64, min(side, enhancer.max_tile))

    @contextmanager
    def room(self, need: Need, folder: Path) -> Iterator[Room]:
        """Wait until there is room for an image, and say where its pixels may lie: in memory, or on disk in `folder`.

        Raises ImageError for an image that can never fit, OSError.
        """
        everything = need.pixels + need.coders + need.whole
        # Each thread's heap keeps what an image freed there. With large images, of which fewer are in flight than there
        # are threads, those who have none would keep as much as those who have one.
        large = everything > self._images / self.workers
        if everything <= self._images:
            with self._held(everything, large):
                yield Room(IN_MEMORY)
            return
        least = max(need.coders, need.whole) + WINDOW
        wanted = max(least / MAX_SHARE, need.pixels / DISK)
        if wanted > self.total:
            wanted /= 1e9
            raise ImageError(f"does not fit in the memory limit; use --memory {wanted + 0.05:.1f}GB")
        folder.mkdir(parents=True, exist_ok=True)
        with self._held(min(least, self._images), large), scratch_space(SMALL, folder) as scratch:
            yield Room(scratch, tight=least > self._images)

    @contextmanager
    def _held(self, size: int, large: bool) -> Iterator[None]:
        # One after the other: else small images would pass a large one for ever.
        with self._turn, self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            if large:
                give_back()
            with self._changed:
                self._free += size
                self._changed.notify_all()


def ceiling(total: int, workers: int) -> Ceiling:
    """The ceiling of this process, one for all threads of a batch, also for those that ask for it at the same time."""
    with _MAKING:
        return _ceiling(total, workers)


@lru_cache(maxsize=4)
def _ceiling(total: int, workers: int) -> Ceiling:
    keep_freed(int(total * FREED_SHARE / workers))
    return Ceiling(total, workers)


_MAKING = threading.Lock()


# By default the C library returns each large block to the system and asks for it again, and to be given new pages takes
# longer than to decode the image that goes there: a 1920x1080 JPEG in and out took 23 ms, and 13 without that.
def keep_freed(size: int) -> None:
    """Keep about `size` bytes that each thread has freed. Does nothing where the C library is not glibc."""
    if library := _glibc():
        library.mallopt(MMAP_THRESHOLD, min(size, LARGE))
        library.mallopt(TRIM_THRESHOLD, size)


def give_back() -> None:
    """Return to the system what was kept."""
    if library := _glibc():
        library.malloc_trim(0)


@lru_cache(maxsize=1)
def _glibc() -> Any:
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
