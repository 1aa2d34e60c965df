"""The boxes of a finished mp4 or mov (ISO/IEC 14496-12), where FFmpeg writes one too many."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

Box = tuple[bytes, int, int, int]
"""Type, and the places of its header, its content and its end in the file."""


def without_empty_tracks(path: Path) -> None:
    """Hide the tracks of pictures that have no samples, which a player would show as a second video.

    FFmpeg writes a track for cover art when it writes fragments, and keeps it although the art lies elsewhere in the
    end. Its header is renamed to one of free space, so that nothing moves.
    """
    with path.open("r+b") as file:
        end = file.seek(0, 2)
        for kind, _, start, stop in _boxes(file, 0, end):
            if kind != b"moov":
                continue
            for child, header, inside, last in list(_boxes(file, start, stop)):
                if child == b"trak" and _is_empty_picture(file, inside, last):
                    file.seek(header + 4)
                    file.write(b"free")


def _boxes(file: BinaryIO, place: int, end: int) -> Iterator[Box]:
    while place + 8 <= end:
        file.seek(place)
        size, kind = struct.unpack(">I4s", file.read(8))
        content = place + 8
        if size == 1:
            (size,) = struct.unpack(">Q", file.read(8))
            content += 8
        stop = end if size == 0 else place + size
        if not content <= stop <= end:
            return
        yield kind, place, content, stop
        place = stop


def _is_empty_picture(file: BinaryIO, start: int, end: int) -> bool:
    handler, samples = b"", -1
    waiting = [(start, end)]
    while waiting:
        for kind, _, inside, stop in list(_boxes(file, *waiting.pop())):
            if kind in (b"mdia", b"minf", b"stbl"):
                waiting.append((inside, stop))
            elif kind in (b"hdlr", b"stsz"):
                file.seek(inside + 8)  # after version, flags, and a word that is not needed
                value = file.read(4)
                if kind == b"stsz":
                    samples = int.from_bytes(value, "big")
                elif not handler:  # another one inside `minf` is that of the data
                    handler = value
    return handler == b"vide" and samples == 0
