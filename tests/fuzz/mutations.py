"""Damage to image files: bits and runs anywhere, and extremes in the very fields that a decoder believes."""

import functools
import random
import struct
import zlib
from contextlib import suppress

from tests.fuzz.seeds import squeezed
from tests.helpers.by_hand import SIGNATURE, chunk, chunks_of

ENDINGS = ("png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "avif")
NUMBERS = (0, 1, 2, 3, 7, 8, 9, 12, 16, 17, 31, 32, 33, 64, 127, 128, 255, 256, 1000, 4097, 7000, 32767, 32768, 65535)
LARGE = (65536, 70000, 1 << 20, (1 << 24) - 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1)
TIFF_TYPES = range(19)
TIFF_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
# Width, height, bits, compression, photometric, strips, samples, planes, predictor, colours, tiles, extra samples,
# sample format, JPEG tables, and the places of other directories.
TIFF_TAGS = (256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 330, 338, 339, 347, 34665)
TIFF_TAGS += (34853, 34675, 274, 282, 296, 700, 254, 266, 512, 513, 530)
COMPRESSIONS = (1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946, 34712, 34887, 34925, 50000, 50001, 9999)


def mutated(seed, files):
    """File name and bytes number `seed`, made of the sound `files` (name to bytes)."""
    rng = random.Random(seed)
    name = rng.choice(sorted(files))
    data = files[name]
    own = next((change for mark, change in BY_MARK.items() if data.startswith(mark)), None)
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        own = _boxes
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        change = own if own and rng.random() < 0.7 else rng.choice(ANYWHERE)
        with suppress(IndexError, ValueError, struct.error):  # what is left of it may not fit that damage
            data = change(rng, data)
    if rng.random() < 0.05:
        data = _spliced(rng, data, files)
    stem, ending = name.rsplit(".", 1)
    if rng.random() < 0.05:
        ending = rng.choice(ENDINGS)
    return f"{stem}.{ending}", data


def _number(rng, bits):
    value = rng.choice((rng.choice(NUMBERS), rng.choice(LARGE), rng.getrandbits(bits)))
    return value & ((1 << bits) - 1)


def _put(data, place, raw):
    return data[:place] + raw + data[place + len(raw) :]


def _place(rng, data):
    # Headers are short and at the beginning, so half of the damage goes there.
    return rng.randrange(max(1, min(len(data), 128) if rng.random() < 0.5 else len(data)))


def _bits(rng, data):
    result = bytearray(data)
    for _ in range(rng.choice((1, 2, 8, 40))):
        if result:
            result[_place(rng, data)] ^= 1 << rng.randrange(8)
    return bytes(result)


def _run(rng, data):
    place, length = _place(rng, data), rng.choice((1, 2, 4, 16, 100))
    filling = rng.choice((bytes(length), b"\xff" * length, rng.randbytes(length)))
    return data[:place] + filling[: len(data) - place] + data[place + length :]


def _cut(rng, data):
    return data[: rng.choice((rng.randrange(len(data) + 1), max(0, len(data) - rng.randrange(1, 9))))]


def _removed(rng, data):
    place = _place(rng, data)
    return data[:place] + data[place + rng.choice((1, 2, 4, 50)) :]


def _repeated(rng, data):
    place = _place(rng, data)
    return data[:place] + data[place : place + 50] * rng.choice((2, 2, 1000)) + data[place + 50 :]


def _longer(rng, data):
    return data + rng.choice((bytes(1), rng.randbytes(30), bytes(5000), data))


def _field(rng, data):
    bits, order = rng.choice((16, 32)), rng.choice(("little", "big"))
    return _put(data, _place(rng, data), _number(rng, bits).to_bytes(bits // 8, order))


def _spliced(rng, data, files):
    other = files[rng.choice(sorted(files))]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


ANYWHERE = (_bits, _run, _cut, _removed, _repeated, _longer, _field)


def _png(rng, data):
    """Damage inside chunks, their checksums mended, so that it reaches the decoder."""
    try:
        chunks = chunks_of(data)
    except IndexError:
        return _bits(rng, data)
    number = rng.randrange(len(chunks)) if rng.random() < 0.6 else 0
    name, body = chunks[number]
    kind = rng.randrange(9)
    if kind == 0:
        del chunks[number]
    elif kind == 1:
        chunks.insert(rng.randrange(len(chunks) + 1), (name, body))
    elif kind == 2:
        chunks = chunks[: number + 1]
    elif kind == 3:
        chunks.insert(rng.randrange(1, len(chunks) + 1), rng.choice(_bombs()))
    elif kind == 4:
        rng.shuffle(chunks)
    elif kind == 5 and name == b"IDAT":
        chunks[number] = (name, zlib.compress(rng.choice(ANYWHERE)(rng, _unpacked(body))))
    elif kind == 6:
        places = [0]
        for _, one in chunks:
            places.append(places[-1] + len(one) + 12)
        whole = SIGNATURE + b"".join(chunk(*one) for one in chunks)
        return whole[: len(SIGNATURE) + rng.choice(places) + rng.choice((0, 4, 8))]
    elif name == b"IHDR" and len(body) == 13:
        place = rng.choice((0, 4, 8, 9, 10, 11, 12))
        bits = 32 if place < 8 else 8
        chunks[number] = (name, _put(body, place, _number(rng, bits).to_bytes(bits // 8, "big")))
    else:
        chunks[number] = (name, rng.choice(ANYWHERE)(rng, body or b"\0"))
    return SIGNATURE + b"".join(chunk(*one) for one in chunks)


def _unpacked(body):
    try:
        return zlib.decompressobj().decompress(body, 1 << 20) or b"\0"
    except zlib.error:
        return body or b"\0"


@functools.cache
def _bombs():
    """Chunks that ask for far more memory than they take, or for an animation."""
    bomb = squeezed(256 << 20)
    return (
        (b"iCCP", b"bomb\0\0" + bomb),
        (b"zTXt", b"bomb\0\0" + bomb),
        (b"iTXt", b"bomb\0\1\0\0\0" + bomb),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + bomb),
        (b"zTXt", b"Raw profile type exif\0\0" + bomb),
        (b"acTL", struct.pack(">II", 1 << 30, 0)),
        (b"fcTL", struct.pack(">IIIIIHHBB", 0, 1 << 31, 1 << 31, 0, 0, 0, 0, 0, 0)),
        (b"pHYs", struct.pack(">IIB", (1 << 31) - 1, 0, 1)),
        (b"PLTE", bytes(5)),
        (b"tRNS", b""),
        (b"IDAT", bomb[: 1 << 16]),
    )


def _tiff(rng, data):
    """Extremes in the directories of a TIFF (classic or big, either byte order), Exif's included."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    head, count, entry, word = (8, 8, 20, "Q") if big else (4, 2, 12, "I")
    try:
        (first,) = struct.unpack_from(order + word, data, head)
        (entries,) = struct.unpack_from(order + ("Q" if big else "H"), data, first)
        number = rng.randrange(entries)
    except (struct.error, ValueError, OverflowError):
        return rng.choice(ANYWHERE)(rng, data)
    place = first + count + number * entry
    wide = struct.calcsize(word)
    value = place + 4 + wide
    last = first + count + entries * entry

    def pack(code, number):
        return struct.pack(order + code, number & ((1 << 8 * struct.calcsize(code)) - 1))

    if value + wide > len(data):
        return _bits(rng, data)
    tag, kind = struct.unpack_from(order + "HH", data, place)
    (items,) = struct.unpack_from(order + word, data, place + 4)
    what = rng.randrange(11)
    if what == 0:
        return _put(data, last, pack(word, rng.choice((first, 0, 8, len(data), _number(rng, 32)))))
    if what == 1:
        return _put(data, place, pack("H", rng.choice(TIFF_TAGS)))
    if what == 2:
        return _put(data, place + 2, pack("H", rng.choice(TIFF_TYPES)))
    if what == 3:
        return _put(data, place + 4, pack(word, _number(rng, 32)))
    if what == 4:  # a directory that leads back to itself
        number = rng.choice((330, 34665, 34853, 34665))
        return _put(
            data, place, struct.pack(order + "HH", number, rng.choice((4, 13))) + pack(word, 1) + pack(word, first)
        )
    if what == 5:
        return _put(data, first, pack("Q" if big else "H", _number(rng, 16)))
    if what == 6:
        return _put(data, head, pack(word, rng.choice((0, 1, len(data) - 4, _number(rng, 32)))))
    if what == 7:
        tag = 259
        place = next((p for p in range(first + count, last, entry) if data[p : p + 2] == pack("H", tag)), place)
        return _put(data, place + 4 + wide, pack("H", rng.choice(COMPRESSIONS)))
    code = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind, "I")
    if items * TIFF_SIZES.get(kind, 1) > wide:
        (inside,) = struct.unpack_from(order + word, data, value)
        if what == 8:
            return _put(data, value, pack(word, _number(rng, 32)))
        value = inside + struct.calcsize(code) * rng.randrange(min(items, 1000))
    return _put(data, value, pack(code, _number(rng, 8 * struct.calcsize(code)))) if value < len(data) else data


def _jpeg(rng, data):
    """Damage inside the segments before the pixels, Exif's directories among them."""
    place, segments = 2, []
    while place + 4 <= len(data) and data[place] == 0xFF and data[place + 1] != 0xDA:
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        segments.append((place, data[place + 1], length))
        place += 2 + length
    segments.append((place, 0xDA, 0))
    start, marker, length = rng.choice(segments)
    body = data[start + 4 : start + 2 + length]
    what = rng.randrange(6)
    if what == 0:
        return data[:start] + data[start + 2 + length :]
    if what == 1:
        return data[: start + rng.choice((0, 2, 4))]
    if what == 2:
        return _put(data, start + 2, _number(rng, 16).to_bytes(2, "big"))
    if what == 3 and marker:
        return _put(data, start + 1, bytes([rng.choice((0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xD8, 0xDA, 0xE2, 0xFE))]))
    if marker == 0xC0 and len(body) > 8:
        place = rng.choice((0, 1, 3, 5, 6, 7, 8))
        bits = 16 if place in (1, 3) else 8
        return _put(data, start + 4 + place, _number(rng, bits).to_bytes(bits // 8, "big"))
    if body.startswith(b"Exif\0\0"):
        new = b"Exif\0\0" + _tiff(rng, body[6:])
    else:
        new = rng.choice(ANYWHERE)(rng, body or b"\0")
    new = new[:65000]
    return data[: start + 2] + (len(new) + 2).to_bytes(2, "big") + new + data[start + 2 + length :]


def _riff(rng, data):
    place, parts = 12, []
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        parts.append((place, length))
        place += 8 + length + length % 2
    if not parts:
        return _bits(rng, data)
    start, length = rng.choice(parts)
    what = rng.randrange(6)
    if what == 0:
        return _put(data, start + 4, _number(rng, 32).to_bytes(4, "little"))
    if what == 1:
        return data[:start] + data[start + 8 + length + length % 2 :]
    if what == 2:
        return _put(data, start, rng.choice((b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L", b"VP8X", b"EXIF", b"ICCP")))
    if what == 3:
        return _put(data, 4, _number(rng, 32).to_bytes(4, "little"))
    if data[start : start + 4] == b"EXIF" and what == 4:
        body = data[start + 8 : start + 8 + length]
        head = b"Exif\0\0" if body.startswith(b"Exif") else b""
        return _put(data, start + 8, head + _tiff(rng, body[len(head) :])[:length])
    return _put(data, start + 8 + rng.randrange(min(10, max(length, 1))), bytes([rng.getrandbits(8)]))


def _boxes(rng, data):
    """A length, type or first bytes of one of an AVIF's boxes, at any depth."""
    names = (b"meta", b"iloc", b"iinf", b"iprp", b"ipco", b"ispe", b"pixi", b"av1C", b"ipma", b"mdat", b"colr", b"irot")
    names += (b"imir", b"auxC", b"iref", b"pitm", b"hdlr", b"infe", b"Exif", b"avif", b"ftyp")
    places = [place for name in names if (place := data.find(name)) >= 4]
    if not places:
        return _bits(rng, data)
    place = rng.choice(places)
    what = rng.randrange(4)
    if what == 0:
        return _put(data, place - 4, _number(rng, 32).to_bytes(4, "big"))
    if what == 1:
        return _put(data, place, rng.choice(names))
    if what == 2:
        return _put(data, place + 4 + rng.randrange(24), _number(rng, 32).to_bytes(4, "big"))
    return _put(data, place + 4 + rng.randrange(40), bytes([rng.getrandbits(8)]))


def _bmp(rng, data):
    place = rng.choice((2, 10, 14, 18, 22, 26, 28, 30, 34, 38, 42, 46, 50))
    bits = 16 if place in (26, 28) else 32
    return _put(data, place, _number(rng, bits).to_bytes(bits // 8, "little"))


BY_MARK = {
    SIGNATURE: _png,
    b"\xff\xd8": _jpeg,
    b"RIFF": _riff,
    b"BM": _bmp,
    b"II": _tiff,
    b"MM": _tiff,
}
