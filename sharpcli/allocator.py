"""Tells the C library to keep the memory that one picture frees for the next one.

By default it returns each large block to the system and asks for it again, and to be given new pages takes longer than
to decode the picture that goes there: reading and writing a 1920x1080 JPEG took 23 ms, and 13 without that.
"""

from __future__ import annotations

import ctypes
import sys
from functools import lru_cache
from typing import Any

MMAP_THRESHOLD, TRIM_THRESHOLD = -3, -1  # glibc's malloc.h
LARGE, KEPT = 32 << 20, 128 << 20
"""Up to how many bytes a block is kept, and how many bytes are kept for each thread."""


def keep_freed() -> None:
    """Keep freed blocks of ordinary pictures in this process. Does nothing where the C library is not glibc."""
    if library := _glibc():
        library.mallopt(MMAP_THRESHOLD, LARGE)
        library.mallopt(TRIM_THRESHOLD, KEPT)


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
