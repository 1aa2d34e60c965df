"""TIFF files put together tag by tag, in either byte order, so that any tag of any type can be in them."""

import struct

import numpy as np

HEADS = {"<": b"II*\0", ">": b"MM\0*"}
EXIF, GPS, INTEROP = 34665, 34853, 40965


def text(tag, content):
    """A tag of characters, however many bytes each takes."""
    body = content if isinstance(content, bytes) else content.encode()
    return tag, 2, len(body) + 1, body + b"\0"


def bytes_of(tag, kind, content):
    """A tag of single bytes."""
    return tag, kind, len(content), content


def numbers(order, tag, code, *values):
    """A tag of numbers: code H, I, d, or R for fractions of two numbers of 32 bits."""
    kind, plain = {"H": (3, "H"), "I": (4, "I"), "R": (5, "I"), "d": (12, "d")}[code]
    body = struct.pack(f"{order}{len(values)}{plain}", *values)
    return tag, kind, len(values) // (2 if code == "R" else 1), body


def directory(order, tags, place):
    """A directory to lie at a place, its long values behind it."""
    start = place + 2 + 12 * len(tags) + 4
    lines, behind = b"", b""
    for tag, kind, count, body in sorted(tags):
        value = body.ljust(4, b"\0")
        if len(body) > 4:
            value = struct.pack(order + "I", start + len(behind))
            behind += body + bytes(len(body) % 2)
        lines += struct.pack(order + "HHI", tag, kind, count) + value
    return struct.pack(order + "H", len(tags)) + lines + bytes(4) + behind


def tiff_of(order, tags, exif=(), gps=(), interop=(), *, pixels=None, without=()):
    """An uncompressed TIFF of uint8 H x W x 3, in this order: head, Interop, Exif, GPS, pixels, first directory."""
    pixels = np.arange(6 * 5 * 3, dtype=np.uint8).reshape(5, 6, 3) if pixels is None else pixels
    body = HEADS[order] + bytes(4)
    first = list(tags)
    exif = list(exif)
    for pointer, inner, holder in ((INTEROP, interop, exif), (EXIF, exif, first), (GPS, gps, first)):
        if inner:
            holder.append(numbers(order, pointer, "I", len(body)))
            body += directory(order, list(inner), len(body))
    height, width, channels = pixels.shape
    layout = [
        numbers(order, 256, "H", width),
        numbers(order, 257, "H", height),
        numbers(order, 258, "H", *[8] * channels),
        numbers(order, 259, "H", 1),
        numbers(order, 262, "H", 2),
        numbers(order, 273, "I", len(body)),
        numbers(order, 277, "H", channels),
        numbers(order, 278, "H", height),
        numbers(order, 279, "I", pixels.nbytes),
    ]
    body += pixels.tobytes() + bytes(pixels.nbytes % 2)
    body = body[:4] + struct.pack(order + "I", len(body)) + body[8:]
    return body + directory(order, [*layout, *first], len(body))
