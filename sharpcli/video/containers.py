"""Frames from and to FFmpeg's containers as streams: nothing is sought, all else is copied along between the frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sharpcli.errors import ImageError
from sharpcli.files.clips import container_of
from sharpcli.files.feed import Feed
from sharpcli.files.formats import HEAD
from sharpcli.video.clip import Clip, library, opened, written
from sharpcli.video.coding import Coding, add_video, encoder, lit
from sharpcli.video.consumer import Consumer
from sharpcli.video.frames import decoded
from sharpcli.video.mux import OWN_TAGS, options_of
from sharpcli.video.resume import IN_ORDER
from sharpcli.video.streams import added
from sharpcli.video.y4m import UNKNOWN_RATE, Header
from sharpcli.video.y4m_stream import Input

if TYPE_CHECKING:
    from av import Packet, VideoFrame

UNSPECIFIED = 2
"""By ITU-T H.273, of matrix, primaries and transfer."""
TAGLESS = frozenset({"nut"})
"""Containers that have no place for what says how colours are meant."""

Choose = Callable[[str, str], Coding]


class ContainerInput:
    """The frames of a clip, and the packets of its other streams between them; it is read as the frames are taken."""

    def __init__(self, source: Feed | Path) -> None:
        self.header: Header | None = None
        self.clip: Clip | None = None
        self.lines: deque[bytes] = deque()
        self.packets: deque[list[Packet[Any]]] = deque()
        self._source = source
        self._aside: list[Packet[Any]] = []
        self._open = ExitStack()

    def frames(self) -> Iterator[VideoFrame]:
        """Each as it arrives; raises ImageError."""
        kind = container_of(self._source.head(HEAD)) if isinstance(self._source, Feed) else ""
        try:
            self.clip = self._open.enter_context(opened(self._source))
        except ImageError as error:
            if kind not in ("mp4", "mov"):
                raise
            raise ImageError(f"{error}; an MP4 with its index at the end cannot come through a pipe") from error
        # Decoders that work on several frames at once hold back as many.
        self.clip.video.thread_type = "SLICE" if isinstance(self._source, Feed) else "AUTO"
        for frame in decoded(self.clip, packets=self._of_video(self.clip)):
            self.packets.append(self.rest())
            yield frame

    def _of_video(self, clip: Clip) -> Iterator[Packet[Any]]:
        for packet in clip.container.demux():
            if packet.stream.index == clip.video.index:
                if packet.is_corrupt:
                    raise ImageError("is cut off or damaged")
                yield packet
            elif packet.size:
                self._aside.append(packet)

    def rest(self) -> list[Packet[Any]]:
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
    """Writes frames as video of a container, and the packets of other streams as they are.

    `choose` is asked how to encode, by FFmpeg's names of the input's codec and pixel format.
    """

    def __init__(self, given: Input, target: Consumer | BinaryIO, format: str, choose: Choose) -> None:
        self.notes: list[str] = []
        self._given, self._format, self._choose = given, format, choose
        # By its name where it is a file.
        self._target: Any = target if isinstance(target, Consumer) else target.name
        self._output: Any = None
        self._encoder: Any = None
        self._video: Any = None
        self._streams: dict[int, Any] = {}

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame, and copy what came before it; raises ImageError where the container cannot hold it."""
        packets = self._given.packets.popleft()
        if self._output is None:
            self._begin(frame)
        self._mux(packets, self._encoder.encode(frame))

    def close(self) -> None:
        """Write what the encoder holds back and what is left of the other streams."""
        if self._output is not None:
            self._mux(self._given.rest(), self._encoder.encode(None))
            with written():
                self._output.close()

    def _begin(self, frame: VideoFrame) -> None:
        clip, header = self._given.clip, self._given.header
        had = clip.video.codec_context.codec.canonical_name if clip else "rawvideo"
        how = lit(self._choose(had, frame.format.name), frame)
        rate = clip.rate if clip else header.rate if header else None
        aspect = clip.video.sample_aspect_ratio if clip else header.aspect if header else None
        time_base = frame.time_base or 1 / UNKNOWN_RATE
        # A frame that is shown before one that was encoded earlier would keep a pipe waiting.
        reorder = self._format not in IN_ORDER and not isinstance(self._target, Consumer)
        output = library().open(self._target, "w", format=self._format, options=self._options())

        def own() -> Any:
            made = add_video(output, how, frame, time_base, rate)
            if aspect:
                made.sample_aspect_ratio = made.codec_context.sample_aspect_ratio = aspect
            if not reorder:
                made.codec_context.max_b_frames = 0
            return made

        if clip:
            tags = {key: value for key, value in clip.container.metadata.items() if key not in OWN_TAGS}
            output.metadata.update(tags)
            make = own if how.encoder == "rawvideo" else None
            self._encoder = None if make else encoder(how, frame, time_base, rate, aspect, reorder)
            self._video, self._streams = added(output, clip, self._format, self._encoder, frame, self.notes, make)
            if chapters := clip.container.chapters():
                output.set_chapters(chapters)
        else:
            self._video = own()
            if rate is None:
                self.notes.append(f"the stream does not tell its rate; {UNKNOWN_RATE} frames/s were taken")
        self._encoder = self._encoder or self._video
        self._not_held(frame)
        with written():
            output.start_encoding()
        self._output = output

    def _options(self) -> dict[str, str]:
        options = options_of(self._format)
        if self._format == "nut":  # which has no negative times: all streams are shifted alike
            options["avoid_negative_ts"] = "make_non_negative"
        return options

    def _not_held(self, frame: VideoFrame) -> None:
        """Note what this container has no place for."""
        if self._format not in TAGLESS:
            return
        if frame.rotation:
            self.notes.append(f"not carried over: rotation by {frame.rotation} degrees")
        if told := _color_tags(frame):
            self.notes.append(f"not carried over: {', '.join(told)}; tell the next program, or use --format mkv")

    def _mux(self, others: list[Packet[Any]], video: list[Packet[Any]]) -> None:
        with written():
            for packet in others:
                if stream := self._streams.get(packet.stream_index):
                    packet.stream = stream
                    self._output.mux_one(packet)
            for packet in video:
                packet.stream = self._video
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
