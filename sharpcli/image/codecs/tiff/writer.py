"""Writing TIFF files: tifffile writes the pixels, and the tags go beside them byte for byte."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
import tifffile
from numpy.typing import NDArray

from sharpcli.image.metadata import OF_THE_FILE, PHOTOSHOP, RESOLUTION, XMP, Metadata
from sharpcli.image.tags.exif import ACROSS, DOWN, EXIF_IFD, MARK
from sharpcli.image.tags.exif_block import GPS_IFD, HEADS, INTEROP_IFD, tree
from sharpcli.image.tags.ifd import INTEGERS, Directories, Entry, packed
from sharpcli.image.tags.tiff import print_size

BLOCKS = {"xmp": XMP, "photoshop": PHOTOSHOP}
PLACES = (273, 324)
"""Tags that say where the pixels lie."""
SMALL = (1 << 32) - (1 << 25)
"""Bytes up to which a file with ordinary places holds the pixels."""
BIG_HEAD = 16
NEAR = 0.01


class _Behind(io.RawIOBase):
    """What follows in a file behind the first `start` bytes, as a file of its own."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        self._file, self._start = file, start
        self.seek(0)

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, place: int, whence: int = io.SEEK_SET) -> int:
        """Like a file's."""
        return self._file.seek(place + (self._start if whence == io.SEEK_SET else 0), whence) - self._start

    def tell(self) -> int:
        """Like a file's."""
        return self._file.tell() - self._start

    def read(self, size: int = -1) -> bytes:
        """Like a file's."""
        return self._file.read(size)

    def write(self, data: Any) -> int:
        """Write all of it; raises OSError."""
        return self._file.write(data)


def write_tiff(
    file: BinaryIO, pixels: NDArray[Any], mode: str, metadata: Metadata, *, big: bool | None = None, order: str = "<"
) -> None:
    """Write uint8 or uint16 H x W x C as a TIFF with all that `metadata` holds; raises OSError, ValueError.

    Exif comes first and whole, so that camera makers' notes keep their places, in its own byte order; what follows is
    a TIFF of the pixels, and at the end the directory of both. `big` makes a BigTIFF, by itself above 4 GB. `order` is
    the byte order without Exif.
    """
    exif = metadata.get("exif", b"").removeprefix(MARK)
    big = pixels.nbytes + len(exif) > SMALL if big is None else big
    held = Directories(io.BytesIO(exif)) if exif else None
    order = held.order if held else order
    first = tree(held, [])[0] if held else []
    sized = _says_the_same(first, order, metadata)
    if not held:
        _write_pixels(file, pixels, mode, metadata, order, big)
        return
    # The head of a BigTIFF is longer.
    moved = BIG_HEAD if big else 0
    file.write(bytes(moved) + exif + bytes(-len(exif) % 16))
    start = file.tell()
    within = _Behind(file, start)
    _write_pixels(within, pixels, mode, metadata, order, big)
    written = Directories(within)  # type: ignore[arg-type]
    entries = [_shifted(entry, start, order) for entry in written.directory(written.first)[0]]
    left_out = {*OF_THE_FILE, *(() if sized else RESOLUTION)}
    own = [entry for entry in held.directory(held.first, [])[0] if entry.tag not in left_out]
    if big:
        own = _moved(file, held, own, moved, big=True)
    ours = {entry.tag for entry in own}
    entries = [entry for entry in entries if entry.tag not in ours] + own
    place = file.seek(0, io.SEEK_END)
    place += file.write(bytes(place % 2))
    try:
        directory, head = packed(order, entries, place, big=big), _head(order, place, big)
    except struct.error as error:
        raise ValueError("more than the 4 GB of a TIFF") from error
    file.write(directory)
    file.seek(0)
    file.write(head)
    file.seek(0, io.SEEK_END)


def _write_pixels(file: Any, pixels: NDArray[Any], mode: str, metadata: Metadata, order: str, big: bool) -> None:
    compression = metadata.get("compression", "zlib")
    unit, resolution = ("INCH", metadata["dpi"]) if "dpi" in metadata else ("NONE", metadata.get("aspect"))
    tifffile.imwrite(
        file,
        pixels if pixels.shape[2] > 1 else pixels[..., 0],
        bigtiff=big,
        photometric={"R": "rgb", "C": "separated"}.get(mode[0], "minisblack"),
        planarconfig="contig" if pixels.shape[2] > 1 else None,
        extrasamples=["unassalpha"] if mode[-1] == "A" else None,
        compression=compression,
        predictor=compression in ("zlib", "lzw"),
        compressionargs={"level": 1} if compression == "zlib" else None,
        resolution=resolution,
        resolutionunit=unit if resolution else None,
        iccprofile=metadata.get("icc_profile"),
        extratags=[(tag, 1, len(metadata[key]), metadata[key], True) for key, tag in BLOCKS.items() if key in metadata],
        metadata=None,
        software=False,
        byteorder=order,  # type: ignore[arg-type]
    )


def _says_the_same(first: Iterable[Entry], order: str, metadata: Metadata) -> bool:
    """Whether Exif's print size is the image's, so that its own bytes can stay."""
    tags = {entry.tag: entry for entry in first}
    if ACROSS not in tags or DOWN not in tags:
        return False
    said = print_size(tags, order) or {}
    wanted = {key: metadata[key] for key in ("dpi", "aspect") if key in metadata}
    return not wanted or any(np.allclose(said[key], wanted[key], NEAR) for key in said if key in wanted)


def _shifted(entry: Entry, by: int, order: str) -> Entry:
    """A tag of a file that lies within another."""
    if entry.tag not in PLACES:
        return replace(entry, place=entry.place + by) if entry.place else entry
    code = f"{order}{entry.count}{INTEGERS[entry.type]}"
    value = struct.pack(code, *(place + by for place in struct.unpack(code, entry.value)))
    return replace(entry, value=value, place=0)


def append_page(
    file: BinaryIO, pixels: NDArray[Any], mode: str, metadata: Metadata, previous: int, *, big: bool, order: str
) -> int:
    """Write a further page behind a TIFF whose last directory lies at `previous`; returns the place of its own.

    A camera maker's note in it does not keep its place. Raises OSError, ValueError.
    """
    start = file.seek(0, io.SEEK_END)
    start += file.write(bytes(-start % 16))
    within = _Behind(file, start)
    write_tiff(within, pixels, mode, metadata, big=big, order=order)  # type: ignore[arg-type]
    held = Directories(within)  # type: ignore[arg-type]
    entries = [
        _shifted(entry, start, order) if entry.tag in PLACES else entry for entry in held.directory(held.first)[0]
    ]
    entries = _moved(file, held, entries, start, big=big)
    place = file.seek(0, io.SEEK_END)
    place += file.write(bytes(place % 2))
    try:
        file.write(packed(order, entries, place, big=big))
        following = struct.pack(order + ("Q" if big else "I"), place)
    except struct.error as error:
        raise ValueError("more than the 4 GB of a TIFF") from error
    file.seek(Directories(file).following(previous))
    file.write(following)
    file.seek(0, io.SEEK_END)
    return place


def _moved(file: BinaryIO, held: Directories, entries: list[Entry], by: int, *, big: bool) -> list[Entry]:
    """The tags of a file that now lies `by` bytes further on; the directories within are written anew at the end."""
    inner = tree(held, [])[1]
    places: dict[int, int] = {}
    for tag in (INTEROP_IFD, GPS_IFD, EXIF_IFD):
        if tag in inner:
            all_of_it = [replace(entry, place=entry.place + by) if entry.place else entry for entry in inner[tag]]
            if tag == EXIF_IFD and INTEROP_IFD in places:
                all_of_it.append(_leading(held.order, INTEROP_IFD, places[INTEROP_IFD], big))
            place = file.seek(0, io.SEEK_END)
            places[tag] = place + file.write(bytes(place % 2))
            file.write(packed(held.order, all_of_it, places[tag], big=big))
    rest = [entry for entry in entries if entry.tag not in (EXIF_IFD, GPS_IFD)]
    rest = [replace(entry, place=entry.place + by) if entry.place else entry for entry in rest]
    return rest + [_leading(held.order, tag, places[tag], big) for tag in (EXIF_IFD, GPS_IFD) if tag in places]


def _leading(order: str, tag: int, place: int, big: bool) -> Entry:
    return Entry(tag, *((16, 1, struct.pack(order + "Q", place)) if big else (4, 1, struct.pack(order + "I", place))))


def _head(order: str, first: int, big: bool) -> bytes:
    if big:
        return HEADS[order][:2] + struct.pack(order + "HHHQ", 43, 8, 0, first)
    return HEADS[order] + struct.pack(order + "I", first)
