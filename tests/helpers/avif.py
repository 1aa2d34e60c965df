"""AVIF and HEIC files with boxes of our choice."""

import io
import struct

from sharpcli.image.codecs.heif.boxes import boxes


def properties_added(data, *properties):
    """The file with further properties, each (kind, body), of its first item; what lies behind them moves."""
    file = io.BytesIO(data)
    meta = next(box for box in boxes(file, 0, len(data)) if box.kind == b"meta")
    inner = {box.kind: box for box in boxes(file, meta.body + 4, meta.end)}
    parts = {box.kind: box for box in boxes(file, inner[b"iprp"].body, inner[b"iprp"].end)}
    ipco, ipma = (data[parts[kind].body : parts[kind].end] for kind in (b"ipco", b"ipma"))
    count = sum(1 for _ in boxes(file, parts[b"ipco"].body, parts[b"ipco"].end))
    new = b"".join(struct.pack(">I4s", len(body) + 8, kind) + body for kind, body in properties)
    known = ipma[10]
    essential = [kind in (b"irot", b"imir", b"clap") for kind, _ in properties]
    numbers = bytes(number | must << 7 for number, must in enumerate(essential, count + 1))
    ipma = ipma[:10] + bytes([known + len(properties)]) + ipma[11 : 11 + known] + numbers + ipma[11 + known :]
    ipco = struct.pack(">I4s", len(ipco + new) + 8, b"ipco") + ipco + new
    iprp = ipco + struct.pack(">I4s", len(ipma) + 8, b"ipma") + ipma
    bodies = {kind: data[box.body : box.end] for kind, box in inner.items()}
    bodies[b"iprp"] = iprp
    longer = len(new) + len(properties)
    bodies[b"iloc"] = _moved(bodies[b"iloc"], longer)
    whole = b"".join(struct.pack(">I4s", len(body) + 8, kind) + body for kind, body in bodies.items())
    head = struct.pack(">I4s", len(whole) + 12, b"meta") + data[meta.body : meta.body + 4]
    return data[: meta.start] + head + whole + data[meta.end :]


def _moved(iloc, longer):
    """Version 0 with offsets and lengths of four bytes, as libavif and libheif write it."""
    assert iloc[:1] == b"\0"
    base = iloc[5] >> 4
    moved, place = iloc[:8], 8
    for _ in range(struct.unpack_from(">H", iloc, 6)[0]):
        moved += iloc[place : place + 4 + base]
        (extents,) = struct.unpack_from(">H", iloc, place + 4 + base)
        moved += iloc[place + 4 + base : place + 6 + base]
        place += 6 + base
        for _ in range(extents):
            at, length = struct.unpack_from(">II", iloc, place)
            moved += struct.pack(">II", at + longer, length)
            place += 8
    return moved
