"""The blocks of a GIF file: its screen, its frames as they are coded, and what else it holds (GIF89a)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from sharpcli.errors import ImageError
from sharpcli.image.complaints import complain

HEAD = 13
CONTROL, COMMENT, APPLICATION, TEXT = 0xF9, 0xFE, 0xFF, 0x01
EXTENSION, FRAME, TRAILER = 0x21, 0x2C, 0x3B
LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
XMP, ICC = b"XMP DataXMP", b"ICCRGBG1012"
XMP_END = 258
"""Bytes behind XMP that lead a reader who takes it for sub-blocks to its end."""
MOST_FRAMES = 10_000
SEVERAL_TIMES = 0x01
"""The sub-block of a loop extension that tells the count."""


@dataclass(frozen=True)
class GifFrame:
    """A frame as it lies in its file: where, how long in 1/100 s, and what becomes of it; `data` is LZW in sub-blocks.

    `disposal` is 2 where its place is cleared after it, 3 where it becomes what it was. `clear` is the index of the
    transparent colour; `colors` the frame's own palette, empty where that of the screen counts.
    """

    left: int
    top: int
    width: int
    height: int
    delay: int
    disposal: int
    clear: int | None
    colors: bytes
    data: bytes
    interlaced: bool = False
    waits: bool = False


@dataclass
class Blocks:
    """What a GIF holds: sides of its screen, its palette, its frames, and its other blocks.

    `loops` is how often it is shown again, 0 without end, None where it is shown once; `applications` are those
    extensions as bytes. `end` is where it ends in its file, -1 where its end is missing.
    """

    width: int
    height: int
    colors: bytes
    aspect: int
    frames: list[GifFrame] = field(default_factory=list)
    loops: int | None = None
    comments: list[bytes] = field(default_factory=list)
    xmp: bytes = b""
    profile: bytes = b""
    applications: list[bytes] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    end: int = -1


def blocks(file: BinaryIO) -> Blocks:
    """The blocks of an open GIF; raises ImageError where they cannot be followed to the end of the last frame."""
    file.seek(0)
    head = _read(file, HEAD)
    width, height, flags, _, aspect = struct.unpack("<HHBBB", head[6:])
    found = Blocks(width, height, _palette(file, flags), aspect)
    control: tuple[int, int, bool, int | None] = (0, 0, False, None)
    while True:
        mark = file.read(1)
        if not mark or mark[0] == TRAILER:
            found.end = file.tell() if mark else -1
            return found
        if mark[0] == FRAME:
            if len(found.frames) >= MOST_FRAMES:
                raise ImageError(f"has more than {MOST_FRAMES} frames, the limit; cut it into parts")
            found.frames.append(_frame(file, *control))
            control = (0, 0, False, None)
        elif mark[0] == EXTENSION:
            kind = _read(file, 1)[0]
            if kind == CONTROL:
                control = _control(b"".join(_sub_blocks(file)))
            else:
                _other(found, kind, file)
        elif not mark[0]:  # passed over, as browsers do
            complain("zeros lie between its blocks, so something may be missing")
        else:
            if not found.frames:
                raise ImageError("is damaged or truncated (what follows a block of the GIF is none)")
            complain("what follows a frame is no block, so frames may be missing")
            found.end = file.tell() - 1
            return found


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ImageError("is damaged or truncated (a block of the GIF ends behind the file's end)")
    return data


def _palette(file: BinaryIO, flags: int) -> bytes:
    return _read(file, 3 << ((flags & 7) + 1)) if flags & 0x80 else b""


def _sub_blocks(file: BinaryIO) -> Iterator[bytes]:
    while size := _read(file, 1)[0]:
        yield _read(file, size)


def _control(body: bytes) -> tuple[int, int, bool, int | None]:
    flags, delay, clear = struct.unpack_from("<BHB", body.ljust(4, b"\0"))
    return delay, flags >> 2 & 7, bool(flags & 2), clear if flags & 1 else None


def _frame(file: BinaryIO, delay: int, disposal: int, waits: bool, clear: int | None) -> GifFrame:
    left, top, width, height, flags = struct.unpack("<HHHHB", _read(file, 9))
    colors = _palette(file, flags)
    data = _read(file, 1) + b"".join(bytes([len(one)]) + one for one in _sub_blocks(file)) + b"\0"
    return GifFrame(left, top, width, height, delay, disposal, clear, colors, data, bool(flags & 0x40), waits)


def _other(found: Blocks, kind: int, file: BinaryIO) -> None:
    """A block that is no frame and does not speak of one."""
    start = file.tell()
    pieces = list(_sub_blocks(file))
    if kind == COMMENT:
        found.comments.append(b"".join(pieces))
    elif kind == APPLICATION and pieces and pieces[0] in LOOPS:
        count = next((one for one in pieces[1:] if len(one) == 3 and one[0] == SEVERAL_TIMES), None)
        if count and found.loops is None:
            found.loops = int.from_bytes(count[1:], "little")
    elif kind == APPLICATION and pieces and pieces[0] == XMP and not found.xmp:
        end = file.tell()
        file.seek(start + 12)
        whole = _read(file, end - start - 12)
        packet = whole[: max(0, len(whole) - XMP_END)]
        found.xmp = packet if whole[-XMP_END : -XMP_END + 1] == b"\1" else b"".join(pieces[1:])
    elif kind == APPLICATION and pieces and pieces[0] == ICC and not found.profile:
        found.profile = b"".join(pieces[1:])
    else:
        end = file.tell()
        file.seek(start)
        raw = bytes([EXTENSION, kind]) + _read(file, end - start)
        (found.texts if kind == TEXT else found.applications).append(raw)


def extension(kind: int, body: bytes, head: bytes = b"") -> bytes:
    """An extension as it lies in a file, `head` its first sub-block."""
    pieces = ([head] if head else []) + [body[at : at + 255] for at in range(0, len(body), 255)]
    return bytes([EXTENSION, kind]) + b"".join(bytes([len(one)]) + one for one in pieces) + b"\0"


def xmp_extension(packet: bytes) -> bytes:
    """XMP as Adobe puts it into GIFs: not in sub-blocks, and behind it what leads readers of those to the end."""
    trailer = b"\1" + bytes(range(255, -1, -1)) + b"\0"
    return bytes([EXTENSION, APPLICATION, len(XMP)]) + XMP + packet + trailer


def packed(frame: GifFrame) -> bytes:
    """A frame as it lies in a file, with the extension before it."""
    flags = frame.disposal << 2 | frame.waits << 1 | (frame.clear is not None)
    control = extension(CONTROL, struct.pack("<BHB", flags, frame.delay, frame.clear or 0))
    size = (len(frame.colors) // 3 - 1).bit_length() - 1 if frame.colors else 0
    own = (0x80 | size if frame.colors else 0) | frame.interlaced << 6
    place = struct.pack("<BHHHHB", FRAME, frame.left, frame.top, frame.width, frame.height, own)
    return control + place + frame.colors + frame.data
