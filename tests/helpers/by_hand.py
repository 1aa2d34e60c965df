"""PNG files made byte by byte: every depth, colour type, filter, interlacing and division into chunks."""

import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
COLORS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""The PNG colour types and how many channels each has."""


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(samples, depth, color, *, interlaced=False, filters=(0,), pieces=1, before=(), after=()):
    """The PNG of H x W x C integer samples; `filters` are used in turn, row by row; chunks are (name, body)."""
    height, width = samples.shape[:2]
    raw = b"".join(_filtered(one, depth, filters) for one in (_passes(samples) if interlaced else (samples,)))
    packed = zlib.compress(raw)
    step = -(-len(packed) // pieces)
    parts = [packed[start : start + step] for start in range(0, len(packed), step)]
    if pieces > 1:  # an empty chunk between two others is allowed
        parts.insert(1, b"")
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced)
    chunks = [(b"IHDR", header), *before, *((b"IDAT", part) for part in parts), *after, (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*one) for one in chunks)


def chunks_of(data):
    """The chunks of a sound PNG as (name, body)."""
    place, chunks = len(SIGNATURE), []
    while place < len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunks.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + length]))
        place += length + 12
    return chunks


def _passes(samples):
    passes = (samples[top::down, left::across] for left, top, across, down in ADAM7)
    return (one for one in passes if one.size)


def _rows(samples, depth):
    height = len(samples)
    flat = samples.reshape(height, -1)
    if depth == 16:
        return [row.astype(">u2").tobytes() for row in flat]
    bits = (flat[..., None] >> np.arange(depth - 1, -1, -1)) & 1
    return [np.packbits(row.reshape(-1).astype(np.uint8)).tobytes() for row in bits]


def _filtered(samples, depth, filters):
    reach = max(1, samples.shape[2] * depth // 8)
    above, result = None, []
    for number, row in enumerate(_rows(samples, depth)):
        kind = filters[number % len(filters)]
        here = np.frombuffer(row, np.uint8).astype(int)
        up = here * 0 if above is None else above
        left, corner = (np.concatenate([np.zeros(reach, int), one])[: len(one)] for one in (here, up))
        guess = left + up - corner
        near = [abs(guess - one) for one in (left, up, corner)]
        paeth = np.where((near[0] <= near[1]) & (near[0] <= near[2]), left, np.where(near[1] <= near[2], up, corner))
        expected = (here * 0, left, up, (left + up) // 2, paeth)[kind]
        result.append(bytes([kind]) + (here - expected).astype(np.uint8).tobytes())
        above = here
    return b"".join(result)
