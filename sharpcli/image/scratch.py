"""Where the pixels of large images live: in memory, or in a file on disk that takes none of it."""

from __future__ import annotations

import mmap
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from sharpcli.errors import ImageError

EVERY = 0.01
"""Seconds between two sweeps. A decoder fills some megabytes in that time."""


class Scratch:
    """Hands out arrays; those of more than `limit` bytes lie in nameless files of `folder`, everything if it is 0.

    Made by `scratch_space`, which takes the pages of those files out of memory again and again while it lasts.
    """

    def __init__(self, limit: float = float("inf"), folder: Path | None = None) -> None:
        self._limit, self._folder = limit, folder
        self._maps: list[mmap.mmap] = []

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array with no particular content; raises ImageError when the disk has no room for it.

        Never for a decoder to fill: where a damaged file leaves gaps, other images would show in them; see `zeros`.
        """
        return self._array(np.empty, shape, dtype)

    def zeros(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """The same, all zero."""
        return self._array(np.zeros, shape, dtype)

    def _array(self, make: Callable[..., NDArray[Any]], shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array that `make` makes, or one in a file, which begins with zeros in any case."""
        count = int(np.prod(shape))
        size = count * np.dtype(dtype).itemsize
        if size <= self._limit:
            return make(shape, dtype)
        # Without a name nothing is left behind, whatever ends the program.
        try:
            with tempfile.TemporaryFile(dir=self._folder, prefix=".sharpcli-") as file:
                _reserve(file.fileno(), size)
                mapped = mmap.mmap(file.fileno(), size)
        except OSError as error:
            where = f"{size / 1e6:.0f} MB in {self._folder} while it is processed"
            raise ImageError(
                f"needs {where} ({error.strerror or error}); a larger --memory needs less disk space"
            ) from error
        self._maps.append(mapped)
        return np.frombuffer(mapped, dtype, count).reshape(shape)

    def sweep(self) -> None:
        """Drop the mapped files' pages from this process; what was written stays in the files."""
        for mapped in self._maps:
            mapped.madvise(mmap.MADV_DONTNEED)


def swept(array: NDArray[Any]) -> None:
    """Drop an array's pages from this process if it lies in a mapped file, for who has no Scratch at hand."""
    base: Any = array
    while isinstance(base, np.ndarray):
        base = base.base
    mapped = base.obj if isinstance(base, memoryview) else base
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


IN_MEMORY = Scratch()
"""Arrays as NumPy makes them."""


@contextmanager
def scratch_space(limit: float, folder: Path) -> Iterator[Scratch]:
    """A Scratch with a limit. Its arrays must not be used after the end."""
    scratch = Scratch(limit, folder)
    over = threading.Event()

    def sweeping() -> None:
        while not over.wait(EVERY):
            scratch.sweep()

    # Reading and writing go on meanwhile: a shared mapping's pages are simply fetched from the file again. Only where
    # the system offers it; elsewhere it must find out by itself which pages nobody needs.
    sweeper = threading.Thread(target=sweeping, daemon=True) if hasattr(mmap, "MADV_DONTNEED") else None
    if sweeper:
        sweeper.start()
    try:
        yield scratch
    finally:
        over.set()
        if sweeper:
            sweeper.join()


def _reserve(handle: int, size: int) -> None:
    """Take the room at once: a full disk would otherwise end the program at the first write to the mapping."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, size)
    else:
        os.truncate(handle, size)
