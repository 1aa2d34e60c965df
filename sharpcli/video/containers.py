"""Frames from and to FFmpeg's containers as streams: nothing is sought, all else is copied along between the frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sharpcli.errors import ImageError
from sharpcli.files.feed import Feed
from sharpcli.video.clip import Clip, in_words, library, opened
from sharpcli.video.coding import Coding, add_video
from sharpcli.video.consumer import Consumer
from sharpcli.video.frames import decoded
from sharpcli.video.mux import OWN_TAGS, options_of
from sharpcli.video.y4m import UNKNOWN_RATE, Header
from sharpcli.video.y4m_stream import Input

if TYPE_CHECKING:
    from av import Packet, VideoFrame

LIVE = {"flush_packets": "1", "max_interleave_delta": "100000"}
"""Send each packet on; wait 0.1 s of video at most for one of another stream, which may have none for long."""
UNSPECIFIED = 2
"""By ITU-T H.273, of matrix, primaries and transfer."""
TAGLESS = frozenset({"nut"})
"""Containers that have no place for what says how colours are meant."""


class ContainerInput:
    """The frames of a clip, and the packets of its other streams between them; it is read as the frames are taken."""

    def __init__(self, source: Feed | Path) -> None:
        self.header: Header | None = None
        self.clip: Clip | None = None
        self.lines: deque[bytes] = deque()
        self.packets: deque[list[Packet]] = deque()
        self._source = source
        self._aside: list[Packet] = []
        self._open = ExitStack()

    def frames(self) -> Iterator[VideoFrame]:
        """Each as it arrives; raises ImageError."""
        self.clip = self._open.enter_context(opened(self._source))
        # Decoders that work on several frames at once hold back as many.
        self.clip.video.thread_type = "SLICE" if isinstance(self._source, Feed) else "AUTO"
        for frame in decoded(self.clip, frames=self._decoded(self.clip)):
            self.packets.append(self.rest())
            yield frame

    def _decoded(self, clip: Clip) -> Iterator[VideoFrame]:
        for packet in clip.container.demux():
            if packet.stream.index == clip.video.index:
                if packet.is_corrupt:
                    raise ImageError("is cut off or damaged")
                yield from packet.decode()
            elif packet.size:
                self._aside.append(packet)

    def rest(self) -> list[Packet]:
        """The packets of other streams since the last frame."""
        found, self._aside = self._aside, []
        return found

    def stop(self) -> None:
        """End the frames here, even while none arrives."""
        if isinstance(self._source, Feed):
            self._source.stop()

    def close(self) -> None:
        """Close the clip, which nobody may read any more."""
        self._open.close()


class ContainerOutput:
    """Writes frames as video of a container, and the packets of other streams as they are."""

    def __init__(self, given: Input, target: Consumer | BinaryIO, format: str, how: Coding) -> None:
        self.notes: list[str] = []
        self._given, self._format, self._how = given, format, how
        # By its name where it is a file, which FFmpeg reads again to put the index first.
        self._target: Any = target if isinstance(target, Consumer) else target.name
        self._output: Any = None
        self._video: Any = None
        self._streams: dict[int, Any] = {}

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame, and copy what came before it; raises ImageError where the container cannot hold it."""
        packets = self._given.packets.popleft()
        with in_words():
            if self._output is None:
                self._begin(frame)
            self._copy(packets)
            self._output.mux(self._video.encode(frame))

    def close(self) -> None:
        """Write what the encoder holds back and what is left of the other streams."""
        if self._output is not None:
            with in_words(), self._output:
                self._copy(self._given.rest())
                self._output.mux(self._video.encode(None))

    def _begin(self, frame: VideoFrame) -> None:
        output = library().open(self._target, "w", format=self._format, options={**LIVE, **options_of(self._format)})
        clip, header = self._given.clip, self._given.header
        time_base: Fraction = frame.time_base
        try:
            self._video = add_video(output, self._how, frame, time_base, clip.rate if clip else header and header.rate)
        except ValueError as error:
            raise ImageError(f"cannot go into {self._format} as {self._how.encoder}; choose another --codec") from error
        aspect = clip.video.sample_aspect_ratio if clip else header and header.aspect
        if aspect:
            self._video.sample_aspect_ratio = self._video.codec_context.sample_aspect_ratio = aspect
        if clip:
            self._take_over(clip, output)
        elif header and header.rate is None:
            self.notes.append(f"the stream does not tell its rate; {UNKNOWN_RATE} frames/s were taken")
        self._not_held(frame)
        output.start_encoding()
        self._output = output

    def _take_over(self, clip: Clip, output: Any) -> None:
        output.metadata.update({key: value for key, value in clip.container.metadata.items() if key not in OWN_TAGS})
        if chapters := clip.container.chapters():
            output.set_chapters(chapters)
        for one in clip.container.streams:
            if one.index == clip.video.index:
                made = self._video
            else:
                try:
                    made = self._streams[one.index] = output.add_stream_from_template(one, opaque=True)
                except (ValueError, library().error.FFmpegError):
                    self.notes.append(f"not carried over: {one.type} stream {one.index}")
                    continue
            made.metadata.update({key: value for key, value in one.metadata.items() if key not in OWN_TAGS})
            made.disposition = one.disposition

    def _not_held(self, frame: VideoFrame) -> None:
        """Note what this container has no place for."""
        if frame.rotation:
            self.notes.append(f"not carried over: rotation by {frame.rotation} degrees")
        if self._format in TAGLESS and (told := _color_tags(frame)):
            self.notes.append(f"not carried over: {', '.join(told)}; tell the next program, or use --format mkv")

    def _copy(self, packets: list[Packet]) -> None:
        for packet in packets:
            if stream := self._streams.get(packet.stream.index):
                packet.stream = stream
                self._output.mux_one(packet)


def _color_tags(frame: VideoFrame) -> list[str]:
    """What a frame says of how its colours are meant."""
    kinds = library().video.reformatter
    told = [f"{['', 'limited', 'full'][frame.color_range]} range"] if frame.color_range else []
    if frame.colorspace != UNSPECIFIED:
        told.append(f"matrix {kinds.Colorspace(frame.colorspace).name}")
    if frame.color_primaries != UNSPECIFIED:
        told.append(f"primaries {kinds.ColorPrimaries(frame.color_primaries).name}")
    if frame.color_trc != UNSPECIFIED:
        told.append(f"transfer {kinds.ColorTrc(frame.color_trc).name}")
    return told
