"""A plugin that tells how much memory its process has in use, as an enhancer: all that a page lets one ask for."""

import ctypes
import gc
import os
from pathlib import Path

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.hooks import hookimpl

FIELDS = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")


class Information(ctypes.Structure):
    """What glibc's mallinfo2 returns."""

    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


def in_use():
    """Bytes that were allocated and not freed; what the allocator holds besides, its habit, is not in it."""
    gc.collect()
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = Information
    found = mallinfo()
    return found.uordblks + found.hblkhd


class InUse(Enhancer):
    name = "in-use"
    summary = "writes the bytes in use to a file, and changes nothing"

    def enhance(self, pixels):
        Path(os.environ["SHARPCLI_TEST_IN_USE"]).write_text(str(in_use()))
        return pixels


@hookimpl
def enhancers():
    return [InUse]
