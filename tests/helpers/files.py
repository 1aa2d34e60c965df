"""Image files that no common library writes, made by hand."""

import struct
import zlib

from tests.helpers.by_hand import chunk


def png_of(width, height, depth, color, rows, *, before=(), after=()):
    """A PNG of raw rows (bytes without their filter byte), chunks (name, body) before and after the pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = [(b"IHDR", header), *before, (b"IDAT", body), *after, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)
