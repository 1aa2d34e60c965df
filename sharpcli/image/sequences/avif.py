"""AVIF sequences: frames of 8 bits by libavif through Pillow, times and repetitions from and into the file's boxes."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

from PIL import AvifImagePlugin  # noqa: F401 (makes Pillow know the format)
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.heif.avif import QUALITY, SPEED
from sharpcli.image.codecs.heif.boxes import Box, boxes
from sharpcli.image.codecs.heif.header import said
from sharpcli.image.image import Image, to_pil
from sharpcli.image.metadata import Metadata
from sharpcli.image.read import Header
from sharpcli.image.sequences.pillow import composed
from sharpcli.image.sequences.sequence import MOST_FRAMES, Animation, Shown
from sharpcli.image.tags.exif import MARK as EXIF_MARK

WITHIN = (b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl")
REPEATS = 1
"""A flag of the edit list."""
DEEP = "is an AVIF sequence of more than 8 bits per channel, which is not supported; save it as one of 8"


@dataclass
class _Track:
    """What the boxes of the visible track say: seconds of each frame, and how often they are shown, 0 without end."""

    seconds: list[Fraction] = field(default_factory=list)
    plays: int = 0


def avif_animation(file: BinaryIO) -> Animation:
    """The frames of an open AVIF; raises ImageError."""
    found = said(file, moving=True)
    if found.bits > 8:
        raise ImageError(DEEP)
    if found.clip != (0, 0, found.width, found.height):
        raise ImageError("is an AVIF sequence that is clipped (box clap), which is not supported")
    try:
        track = _track(file)
    except (ValueError, struct.error) as error:
        raise ImageError(f"is damaged or truncated ({error})") from error
    mode = "RGBA" if found.mode[-1] == "A" else "RGB"
    width, height = found.width, found.height
    # libavif's planes and colours, Pillow's copy, and the file.
    needs = 24 * width * height + 2 * os.fstat(file.fileno()).st_size

    def shown() -> Iterator[Shown]:
        count = 0
        for pixels, seconds in zip(composed(file, mode), track.seconds, strict=False):
            count += 1
            yield Shown(Image(pixels, mode, found.metadata), seconds)
        if count < len(track.seconds):
            raise ImageError("is damaged or truncated (frames of the sequence are missing)")

    sides = (width, height) if found.orientation < 5 else (height, width)
    return Animation(Header("AVIF", *sides, mode, 8, needs), len(track.seconds), track.plays, shown, found.notes)


def _inner(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    for box in boxes(file, start, end):
        yield box
        if box.kind in WITHIN:
            yield from _inner(file, box.body, box.end)


def _track(file: BinaryIO) -> _Track:
    """The first track of pictures; raises ValueError, struct.error."""
    movie = next((box for box in boxes(file, 0, file.seek(0, 2)) if box.kind == b"moov"), None)
    tracks = [box for box in boxes(file, movie.body, movie.end) if box.kind == b"trak"] if movie else []
    for track in tracks:
        found = {box.kind: _body(file, box) for box in _inner(file, track.body, track.end) if box.kind not in WITHIN}
        if found.get(b"hdlr", b"")[8:12] != b"pict":
            continue
        scale = struct.unpack_from(">I", found[b"mdhd"], 20 if found[b"mdhd"][0] else 12)[0]
        times = found.get(b"stts", b"")
        runs = [struct.unpack_from(">II", times, 8 + 8 * at) for at in range(struct.unpack_from(">I", times, 4)[0])]
        if not scale or not 0 < sum(count for count, _ in runs) <= MOST_FRAMES:
            raise ImageError(f"has no frames or more than {MOST_FRAMES}, the limit; cut it into parts")
        seconds = [Fraction(length, scale) for count, length in runs for _ in range(count)]
        return _Track(seconds, _plays(found.get(b"elst", b""), found.get(b"tkhd", b"")))
    raise ValueError("a sequence without a track of pictures")


def _body(file: BinaryIO, box: Box) -> bytes:
    file.seek(box.body)
    return file.read(min(box.end - box.body, 1 << 20))


def _plays(edits: bytes, track: bytes) -> int:
    """How often the track is shown, as libavif reads it."""
    if not edits or not track:
        return 0
    if not edits[3] & REPEATS:
        return 1
    once = struct.unpack_from(">Q" if edits[0] else ">I", edits, 8)[0]
    code, place = (">Q", 28) if track[0] else (">I", 20)
    whole = struct.unpack_from(code, track, place)[0]
    endless = whole == (1 << (64 if track[0] else 32)) - 1
    return 0 if endless or not once else -(-whole // once)


class _Frames(PILImage.Image):
    """The frames as Pillow takes them for a file of several, each made when it is asked for."""

    is_animated = True

    def __init__(self, frames: Iterator[Shown]) -> None:
        super().__init__()
        self._frames, self._at = frames, -1
        self._time = Fraction(0)
        self.milliseconds = 0
        self.seek(0)

    def tell(self) -> int:
        """The number of the frame that it is now."""
        return self._at

    def seek(self, frame: int) -> None:
        """Become the next frame; raises EOFError behind the last one."""
        if frame <= self._at:
            return
        shown = next(self._frames, None)
        while shown is not None and shown.hidden:
            shown = next(self._frames, None)
        if shown is None:
            raise EOFError
        image = to_pil(shown.image.pixels, shown.image.mode)
        image = image if image.mode in ("RGB", "RGBA") else image.convert("RGBA" if image.mode == "LA" else "RGB")
        self.im, self._mode, self._size = image.im, image.mode, image.size
        start, self._time = self._time, self._time + shown.seconds
        self.milliseconds = round(self._time * 1000) - round(start * 1000)  # so that roundings do not add up
        self._at = frame


class _Durations(list[int]):
    """The duration of the frame that is asked for, which is the one at hand."""

    def __init__(self, frames: _Frames) -> None:
        super().__init__()
        self._of = frames

    def __getitem__(self, frame: Any) -> Any:
        return self._of.milliseconds


def write_avif_frames(
    file: BinaryIO, frames: Iterator[Shown], metadata: Metadata, about: Animation, quality: int | None
) -> tuple[str, ...]:
    """Write an AVIF sequence, see `write_animation`."""
    first = next(frames)
    images = _Frames(chain([first], frames))
    lossless = metadata.get("lossless") and quality is None
    chroma = "444" if lossless else metadata.get("chroma", "420").replace("400", "420")
    whole = BytesIO()
    images.save(
        whole,
        "AVIF",
        save_all=True,
        duration=_Durations(images),
        quality=100 if lossless else quality or QUALITY,
        speed=SPEED,
        subsampling=":".join(chroma),
        icc_profile=metadata.get("icc_profile", b""),
        exif=metadata.get("exif", b"").removeprefix(EXIF_MARK),
        xmp=metadata.get("xmp", b""),
    )
    data = bytearray(whole.getbuffer())
    _without_times(whole, data)
    if "nclx" in metadata and "icc_profile" not in metadata:
        _say_colors(data, metadata["nclx"])
    if about.plays:
        _say_plays(whole, data, about.plays)
    file.write(data)
    return ()


def _say_colors(data: bytearray, code: tuple[int, int, int]) -> None:
    """Primaries and transfer in all boxes that tell them."""
    place = data.find(b"colrnclx")
    while place >= 0:
        struct.pack_into(">HH", data, place + 8, *code[:2])
        place = data.find(b"colrnclx", place + 8)


def _without_times(file: BinaryIO, data: bytearray) -> None:
    """Without the time of writing, so that the same frames make the same file."""
    movie = [box for box in boxes(file, 0, len(data)) if box.kind == b"moov"]
    for box in (inner for one in movie for inner in _inner(file, one.body, one.end)):
        if box.kind in (b"mvhd", b"tkhd", b"mdhd"):
            size = 16 if data[box.body] else 8  # created and modified, of 8 bytes each in version 1
            data[box.body + 4 : box.body + 4 + size] = bytes(size)


def _say_plays(file: BinaryIO, data: bytearray, plays: int) -> None:
    """How often the tracks are shown, in place of without end."""
    once = 0
    found = [box for box in _inner(file, 0, len(data)) if box.kind in (b"elst", b"tkhd")]
    for box in found:
        if box.kind == b"elst":
            once = struct.unpack_from(">Q" if data[box.body] else ">I", data, box.body + 8)[0]
            data[box.body + 3] = REPEATS if plays > 1 else 0
    for box in found:
        if box.kind == b"tkhd":
            code, place = (">Q", 28) if data[box.body] else (">I", 20)
            struct.pack_into(code, data, box.body + place, once * plays)
