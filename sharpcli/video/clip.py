"""A clip's file, opened and looked at before anything is decoded."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sharpcli.errors import ImageError, SharpError
from sharpcli.video.planes import BITS

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

EXTRA = "clips need the extra video; install it with: pip install 'sharpcli[video]'"

PROMPT = {"fpsprobesize": "0"}
"""So that FFmpeg does not wait for 20 frames to measure a rate, while somebody watches."""
BUFFER = 1 << 18


class Readable(Protocol):
    """A clip that comes through a pipe: bytes as they arrive, none at the end."""

    def read(self, size: int) -> bytes:
        """At most so many of them."""


ENCRYPTED = "is encrypted; only what can be played without a key can be enhanced"


@dataclass(frozen=True)
class Clip:
    """What is known of a clip from its header: sides in pixels as coded, seconds (None: not told), frames a second."""

    container: InputContainer
    video: VideoStream
    format: str
    width: int
    height: int
    pixel_format: str
    seconds: float | None
    rate: Fraction | None

    @property
    def begin(self) -> float:
        """When its video begins, in seconds."""
        return float((self.video.start_time or 0) * (self.video.time_base or 0))

    @property
    def bits_per_pixel(self) -> float | None:
        """Of its video, from the header or else from the file's length; None where neither tells, as in a pipe."""
        bits = float(self.video.bit_rate or 0)
        if not bits and self.seconds and self.container.size > 0:
            others = sum(one.bit_rate or 0 for one in self.container.streams.audio)
            bits = 8 * self.container.size / self.seconds - others
        if bits <= 0 or not self.rate:
            return None
        return bits / float(self.rate) / (self.width * self.height)


def library() -> Any:
    """PyAV; raises SharpError where the extra is not installed."""
    try:
        import av
    except ImportError as error:
        raise SharpError(EXTRA) from error
    return av


@contextmanager
def opened(path: Path | Readable) -> Iterator[Clip]:
    """Open a clip, also one from a pipe; raises ImageError when it holds no video that can be enhanced."""
    av = library()
    with in_words():
        if isinstance(path, Path):
            container = av.open(str(path), metadata_errors="surrogateescape")
        else:
            container = av.open(path, options=PROMPT, buffer_size=BUFFER, metadata_errors="surrogateescape")
    with container:
        with in_words():
            clip = clip_in(container)
            # Else damage is painted over with what was there before.
            clip.video.codec_context.options = {"err_detect": "explode"}
        yield clip


@contextmanager
def in_words() -> Iterator[None]:
    """Failures of FFmpeg as an ImageError of one line."""
    av = library()
    try:
        yield
    except av.error.FFmpegError as error:
        raise ImageError(f"is damaged, truncated or not a clip ({error.strerror})") from error


@contextmanager
def written() -> Iterator[None]:
    """Failures of FFmpeg to write as an OSError, or an ImageError where a container cannot hold what it was given."""
    av = library()
    try:
        yield
    except av.error.FFmpegError as error:
        if error.errno in (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT, errno.EACCES, errno.ENOENT):
            raise OSError(error.errno, error.strerror) from error
        raise ImageError(f"cannot be written into this container ({error.strerror}); choose another") from error


def clip_in(container: InputContainer) -> Clip:
    """What is known of an open container's video; raises ImageError when it holds none that can be enhanced."""
    videos = [one for one in container.streams.video if not one.disposition & one.disposition.attached_pic]
    if not videos:
        kinds = sorted({one.type for one in container.streams})
        raise ImageError(f"holds no video, only {', '.join(kinds) or 'nothing'}")
    video = next((one for one in videos if one.disposition & one.disposition.default), videos[0])
    context = video.codec_context
    if context is None:
        raise ImageError("has a video codec that is not supported")
    if "enc_key_id" in video.metadata:
        raise ImageError(ENCRYPTED)
    if not context.width * context.height:
        raise ImageError("is damaged or truncated (its video has no size)")
    if not context.pix_fmt:
        raise ImageError("is damaged, truncated or without frames (the format of its pixels is not told)")
    if context.pix_fmt not in BITS:
        raise ImageError(f"has pixels of the kind {context.pix_fmt}, which is not supported; convert it to yuv420p")
    seconds = container.duration / 1_000_000 if container.duration else None
    rate = video.average_rate or video.guessed_rate
    return Clip(container, video, container.format.name, context.width, context.height, context.pix_fmt, seconds, rate)
