"""Where live frames come from: a camera, an address, a file at its own pace, or a pipe."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.feed import Feed
from sharpcli.files.names import shown
from sharpcli.live.devices import camera, camera_format, cameras
from sharpcli.live.pace import LEEWAY, paced
from sharpcli.video.clip import clip_in, in_words, library
from sharpcli.video.pipe import input_of

if TYPE_CHECKING:
    from av import VideoFrame

SILENT = 10.0
"""Seconds without an answer, or without a frame, after which a camera or an address has failed."""
PROMPT = {"fflags": "nobuffer", "flags": "low_delay", "probesize": "500000", "analyzeduration": "500000"}
"""So that FFmpeg holds nothing back; an address tells what it sends within half a second (in microseconds)."""
DAMAGED = 100
"""Packets in a row that cannot be decoded, after which a stream has failed."""


class Source(Protocol):
    """Frames as they arrive; `name` is how it is spoken of, `rate` frames a second, known from the first frame on."""

    name: str
    rate: Fraction | None
    ended: threading.Event
    """Set when the frames have ended and what they came from is closed."""

    def frames(self) -> Generator[VideoFrame]:
        """Each when it is there, all of one size and pixel format; raises ImageError."""

    def stop(self) -> None:
        """End the frames here, for whoever takes them in another thread."""


@dataclass(frozen=True)
class Wish:
    """What a camera is asked for, which may deliver another: sides in pixels (width, height), frames a second."""

    size: tuple[int, int] | None = None
    rate: float | None = None

    def options(self) -> dict[str, str]:
        """FFmpeg's options."""
        size = {"video_size": "{}x{}".format(*self.size)} if self.size else {}
        return size | ({"framerate": f"{self.rate:g}"} if self.rate else {})


class Played:
    """A file at its own pace, or a pipe, whose producer sets the pace but for a limit; see LEEWAY."""

    def __init__(self, given: Path | Feed, name: str) -> None:
        self.name = name
        self.rate: Fraction | None = None
        self.ended = threading.Event()
        self._given = given
        self._over = threading.Event()

    def frames(self) -> Generator[VideoFrame]:
        """Each when it is due; raises ImageError."""
        with setting(self.ended), closing(input_of(self._given)) as source:
            speed = LEEWAY if isinstance(self._given, Feed) else 1.0
            for frame in paced(source.frames(), self._over.wait, speed):
                if self._over.is_set():
                    return
                self.rate = source.header.rate if source.header else source.clip.rate if source.clip else None
                source.lines.clear()
                source.packets.clear()
                yield frame

    def stop(self) -> None:
        """End it, even while nothing arrives."""
        self._over.set()
        if isinstance(self._given, Feed):
            self._given.stop()


class Streamed:
    """A camera (`format` is FFmpeg's name of its kind) or an address.

    What is damaged on the way is left out, and a size that changes is brought back to the first one: a call's line may
    be bad, and whoever takes the frames was promised one size.
    """

    def __init__(
        self, address: str, name: str, format: str | None = None, options: dict[str, str] | None = None
    ) -> None:
        self.name = name
        self.rate: Fraction | None = None
        self.ended = threading.Event()
        self._address, self._format = address, format
        self._options = {**PROMPT, **(options or {})} if format is None else (options or {})
        self._over = threading.Event()

    def frames(self) -> Generator[VideoFrame]:
        """Each as it arrives; raises ImageError."""
        av = library()
        try:
            container = av.open(self._address, format=self._format, options=self._options, timeout=SILENT)
        except (OSError, av.error.FFmpegError, ValueError) as error:
            raise ImageError(f"cannot be opened ({getattr(error, 'strerror', None) or error})") from error
        with setting(self.ended), container:
            with in_words():
                clip = clip_in(container)
            self.rate = clip.rate
            clip.video.thread_type = "SLICE"  # decoders that work on several frames at once hold back as many
            first: VideoFrame | None = None
            for frame in self._decoded(container, clip.video):
                first = first or frame
                yield _like(frame, first)

    def stop(self) -> None:
        """End it at the next frame."""
        self._over.set()

    def _decoded(self, container: Any, video: Any) -> Iterator[VideoFrame]:
        av = library()
        damaged = 0
        packets = container.demux(video)
        while not self._over.is_set() and damaged < DAMAGED:
            try:
                packet = next(packets)
                frames = packet.decode()
            except (StopIteration, av.error.EOFError):
                return
            except av.error.InvalidDataError:
                damaged += 1
                continue
            except (OSError, av.error.FFmpegError) as error:
                raise ImageError(f"stopped sending ({error.strerror or error})") from error
            for frame in frames:
                damaged = 0
                yield frame
        if damaged:
            raise ImageError("sends nothing that can be decoded")


def source_called(text: str | None, wish: Wish | None = None, stdin: Feed | None = None) -> Source:
    """The source that a user means: none for the first camera, `-` for `stdin`; raises SharpError."""
    wish = wish or Wish()
    if text == "-" and stdin is not None:
        return Played(stdin, "stdin")
    if text and "://" in text:
        return Streamed(text, shown(_without_password(text)))
    if text and (path := Path(text)).exists() and not path.is_char_device():
        if path.is_dir():
            raise SharpError(f"{shown(path)} is a folder; name a clip in it")
        return Played(Feed(path.open("rb", buffering=0)) if path.is_fifo() else path, shown(path))
    found = camera(text, cameras())
    if found is None:
        called = f"no camera, file or address is called {text}" if text else "there is no camera"
        raise SharpError(f"{called}; `sharpcli camera --list` shows the cameras, and - reads a y4m pipe")
    address = f"video={found.name}" if camera_format() == "dshow" else found.name
    return Streamed(address, found.label or found.name, camera_format(), wish.options())


@contextmanager
def setting(event: threading.Event) -> Iterator[None]:
    """Set an event at the end."""
    try:
        yield
    finally:
        event.set()


def _without_password(address: str) -> str:
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"


def _like(frame: VideoFrame, first: VideoFrame) -> VideoFrame:
    """A frame of the size and pixel format of the first one."""
    if (frame.width, frame.height, frame.format.name) == (first.width, first.height, first.format.name):
        return frame
    return frame.reformat(width=first.width, height=first.height, format=first.format.name)
