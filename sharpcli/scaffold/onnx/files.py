"""An ONNX file in one piece, whatever files its weights lie in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from sharpcli.errors import SharpError
from sharpcli.files.names import shown

LARGEST = 1 << 30
"""Bytes; a package larger than this could be given to nobody."""
# Numbers of fields in the ONNX format (onnx.proto), and the kinds of values in Protocol Buffers' encoding.
GRAPH, INITIALIZER, RAW_DATA, EXTERNAL_DATA, DATA_LOCATION, KEY, VALUE = 7, 5, 9, 13, 14, 1, 2
VARINT, EIGHT_BYTES, BYTES, FOUR_BYTES = 0, 1, 2, 5


def whole_onnx(path: Path) -> bytes:
    """The content of an ONNX file, with the weights put into it that exporters leave in files beside it.

    Raises SharpError where a file is missing, too large or none of ONNX's. A file elsewhere than in the same folder
    is refused: the content is made to be published.
    """
    content = _read(path, f"no file {shown(path)}; give the path of an ONNX file")

    def inlined(tensor: bytes) -> bytes:
        fields = list(_fields(tensor))
        if not any(number == DATA_LOCATION and value == 1 for number, value, _ in fields):
            return tensor
        told = dict(_pair(value) for number, value, _ in fields if number == EXTERNAL_DATA and isinstance(value, bytes))
        kept = [raw for number, _, raw in fields if number not in (RAW_DATA, EXTERNAL_DATA, DATA_LOCATION)]
        return b"".join([*kept, _field(RAW_DATA, _part(path, told))])

    try:
        return _changed(content, GRAPH, lambda graph: _changed(graph, INITIALIZER, inlined))
    except (ValueError, IndexError) as error:
        raise SharpError(f"{shown(path)} is no ONNX file") from error


def _read(path: Path, missing: str) -> bytes:
    try:
        if path.is_dir():
            raise SharpError(f"{shown(path)} is a folder; give the path of an ONNX file")
        if path.stat().st_size > LARGEST:
            raise SharpError(f"{shown(path)} has more than {LARGEST >> 20} MB, which is too much for a package")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SharpError(missing) from error
    except OSError as error:
        raise SharpError(f"{shown(path)} cannot be read ({error.strerror or error})") from error


def _part(path: Path, told: dict[str, str]) -> bytes:
    """The bytes of a tensor in another file; see ONNX's ExternalData.md."""
    location = PurePath(told.get("location", ""))
    if location.is_absolute() or ".." in location.parts or not location.name:
        raise SharpError(f"{shown(path)} has weights in {shown(location)}, which is not beside it; make it one file")
    data = _read(
        path.parent / location,
        f"{shown(path)} has its weights in {shown(location)}, which is missing; put it beside, or export in one file",
    )
    start = int(told.get("offset", 0))
    end = start + int(told["length"]) if "length" in told else len(data)
    if not 0 <= start <= end <= len(data):
        raise SharpError(f"{shown(location)} has fewer bytes than {shown(path)} says; copy or export it again")
    return data[start:end]


def _pair(entry: bytes) -> tuple[str, str]:
    texts = {number: value.decode() for number, value, _ in _fields(entry) if isinstance(value, bytes)}
    return texts.get(KEY, ""), texts.get(VALUE, "")


def _changed(message: bytes, wanted: int, change: Callable[[bytes], bytes]) -> bytes:
    """A message with all fields of one number changed."""
    parts = []
    for number, value, raw in _fields(message):
        after = change(value) if number == wanted and isinstance(value, bytes) else value
        parts.append(raw if after is value or not isinstance(after, bytes) else _field(number, after))
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes, bytes]]:
    """Number, value and whole encoding of each field; raises ValueError or IndexError for what is no message."""
    place = 0
    while place < len(message):
        begin = place
        key, place = _varint(message, place)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == VARINT:
            value, place = _varint(message, place)
        elif kind in (EIGHT_BYTES, FOUR_BYTES, BYTES):
            length, place = _varint(message, place) if kind == BYTES else ({EIGHT_BYTES: 8, FOUR_BYTES: 4}[kind], place)
            value, place = message[place : place + length], place + length
        else:
            raise ValueError(f"kind {kind}")
        if place > len(message) or number == 0:
            raise ValueError("ends too early")
        yield number, value, message[begin:place]


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift > 63:
            raise ValueError("a number without end")


def _field(number: int, value: bytes) -> bytes:
    return _number(number << 3 | BYTES) + _number(len(value)) + value


def _number(value: int) -> bytes:
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    return bytes([*encoded, value])
