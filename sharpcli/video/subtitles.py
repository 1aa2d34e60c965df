"""Subtitles of text for a container that does not hold them as they are coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import library

if TYPE_CHECKING:
    from av import Packet

TEXT = frozenset({"ass", "mov_text", "ssa", "subrip", "webvtt"})
CODED = {"mp4": "mov_text", "mov": "mov_text", "matroska": "srt", "webm": "webvtt"}
"""FFmpeg's encoder for text in a format."""


class Converter:
    """Codes the packets of a clip's subtitles anew. Raises FFmpegError where FFmpeg cannot."""

    def __init__(self, original: Any, format: str) -> None:
        self._given = original.codec_context
        if not self._given.is_open:
            self._given.open(strict=False)
        self._time_base = original.time_base
        self._name = CODED[format]
        self._coder: Any = library().CodecContext.create(self._name, "w")
        self._prepare(self._coder)
        self._coder.open()

    def added(self, output: Any) -> Any:
        """A stream of the output for the packets."""
        stream = output.add_stream(self._name)
        self._prepare(stream.codec_context)
        stream.time_base = self._time_base
        return stream

    def _prepare(self, coder: Any) -> None:
        coder.subtitle_header = self._given.subtitle_header
        coder.time_base = self._time_base

    def __call__(self, packet: Packet[Any]) -> Packet[Any] | None:
        """The packet coded anew; None for one that shows nothing."""
        shown = self._given.decode2(packet)
        if shown is None or not shown.rects:
            return None
        made: Packet[Any] = library().Packet(bytes(self._coder.encode_subtitle(shown)))
        made.pts = made.dts = packet.pts
        made.duration, made.time_base, made.is_keyframe = packet.duration, packet.time_base, True
        return made


def converter(stream: Any, format: str) -> Converter | None:
    """What converts a stream, if it is subtitles of text, and the format has a place for text."""
    av = library()
    context = stream.codec_context
    if stream.type != "subtitle" or not context or context.codec.canonical_name not in TEXT or format not in CODED:
        return None
    try:
        return Converter(stream, format)
    except (ValueError, av.error.FFmpegError):  # a damaged or missing header, for example
        return None
