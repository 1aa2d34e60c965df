"""What a killed run has written of a clip: where it lies, who writes it, and the segments of it that are whole."""

from __future__ import annotations

import hashlib
import json
import sys
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError
from sharpcli.files.atomic import PREFIX, in_place, locked
from sharpcli.video.clip import in_words, library
from sharpcli.video.coding import Coding
from sharpcli.video.segments import begins_segment

if TYPE_CHECKING:
    from av import Packet

ENDING, OLD = ".clip", ".old.clip"
IN_ORDER = frozenset({"avi"})
"""Containers that have no times, so that frames must come in the order in which they are shown."""
PREFIXED = frozenset({"h264", "hevc"})
"""Codecs whose packets have lengths in some containers where encoders write start codes (ITU-T H.264, Annex B)."""


@dataclass(frozen=True)
class Work:
    """Where a clip's result is written until it is whole, and what there is of it from a run before."""

    path: Path
    old: Path

    @property
    def begun(self) -> Path | None:
        """The file of the run before, if it got anywhere."""
        return self.old if self.old.exists() else None

    def finish(self, target: Path) -> None:
        """Give the result its name."""
        in_place(self.path, target)
        self.forget_old()

    def forget_old(self) -> None:
        """Remove the file of the run before, when all of it that is whole is in the new one."""
        self.old.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove everything, since nothing will come of it."""
        self.path.unlink(missing_ok=True)
        self.forget_old()


@contextmanager
def work(source: Path, target: Path, how: Coding, settings: Mapping[str, Any]) -> Iterator[Work]:
    """The hidden files of one clip's result beside it, held until the end; others for another file or other settings.

    Those of runs with other settings are removed. Raises ImageError while another run writes the same.
    """
    found = source.stat()
    about = [str(source.resolve()), found.st_size, found.st_mtime_ns, how.encoder, dict(how.options), dict(settings)]
    name = f"{PREFIX}{_digest(target.name)}-"
    here = target.parent / f"{name}{_digest(about)}{ENDING}"
    one = Work(here, here.with_suffix(OLD))
    target.parent.mkdir(parents=True, exist_ok=True)
    for other in target.parent.glob(f"{name}*{ENDING}"):
        if other not in (one.path, one.old):
            _remove_unless_held(other)
    if one.path.exists() and one.old.exists():  # killed while it took over what the run before had done
        better = max(one.old, one.path, key=lambda path: len(whole_times(path)))
        better.replace(one.old)
        one.path.unlink(missing_ok=True)
    elif one.path.exists():
        with one.path.open("r+b") as file:
            if not locked(file):
                raise ImageError("is being written by another run")
        one.path.replace(one.old)
    with one.path.open("x+b") as file:
        locked(file)
        if sys.platform == "win32":  # which moves no file that is open, and has no such lock
            file.close()
        yield one


def _remove_unless_held(path: Path) -> None:
    with suppress(OSError), path.open("r+b") as file:
        if locked(file):
            path.unlink()


def _digest(about: Any) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:12]


def whole_times(path: Path, video: int = 0) -> array[int]:
    """The times of the packets in the whole segments of an unfinished file, in the order of decoding.

    A segment is whole when another one begins behind it. `video` is the number of the stream among those of video.
    """
    av = library()
    times, whole, start = array("q"), 0, 0
    with suppress(av.error.FFmpegError), av.open(str(path)) as container:
        if len(container.streams.video) <= video:
            return array("q")
        stream = container.streams.video[video]
        for packet in container.demux(stream):
            if not packet.size:
                continue
            moment = _shown(packet, container)
            if not times:
                start = moment
            elif begins_segment(moment, start, stream.time_base):
                whole, start = len(times), moment
            times.append(moment)
    return times[:whole]


def whole_packets(path: Path, count: int, video: int = 0) -> Iterator[Packet[Any]]:
    """So many packets of an unfinished file's video, as an encoder writes them. Raises ImageError."""
    if not count:
        return
    av = library()
    with in_words(), av.open(str(path)) as container:
        stream = container.streams.video[video]
        context = stream.codec_context
        prefixed = context.name in PREFIXED and bytes(context.extradata or b"")[:1] == b"\x01"
        for packet in container.demux(stream):
            if not count:
                return
            if not packet.size:
                continue
            count -= 1
            made = av.Packet(_with_start_codes(bytes(packet)) if prefixed else bytes(packet))
            made.pts, made.duration, made.time_base = _shown(packet, container), packet.duration, packet.time_base
            made.is_keyframe = packet.is_keyframe
            yield made


def _shown(packet: Packet[Any], container: Any) -> int:
    # Where frames are in the order in which they are shown, FFmpeg guesses the times at which they are.
    moment = packet.dts if packet.pts is None or container.format.name in IN_ORDER else packet.pts
    return int(moment or 0)


def _with_start_codes(data: bytes) -> bytes:
    """Units with four bytes of length each, with start codes instead."""
    units, place = [], 0
    while place + 4 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        units.append(data[place + 4 : place + 4 + length])
        place += 4 + length
    return b"".join(b"\0\0\0\1" + unit for unit in units)
