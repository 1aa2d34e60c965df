"""How the enhanced video is encoded: codec, quality and speed, by what the clip had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import library

if TYPE_CHECKING:
    from av import VideoFrame

ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "ffv1": "ffv1",
    "prores": "prores_ks",
}
"""FFmpeg's encoders by the codec's name."""
DEFAULT = "h264"
"""For codecs that nobody encodes any more."""
CRF = {"libx264": 18, "libx265": 20, "libvpx": 10, "libvpx-vp9": 24, "libsvtav1": 24}
PRESET = {"libx264": "veryfast", "libx265": "ultrafast", "libsvtav1": "10"}
FIXED: dict[str, dict[str, str]] = {
    "libx265": {"x265-params": "log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "-5", "b": "0"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"},
}


@dataclass(frozen=True)
class Coding:
    """An encoder by FFmpeg's name with its options."""

    encoder: str
    options: Mapping[str, str] = field(default_factory=dict)


def coding(codec: str, chosen: str | None = None, crf: int | None = None, preset: str | None = None) -> Coding:
    """The encoder for a clip whose video had `codec`; `chosen`, `crf` and `preset` overrule the defaults."""
    encoder = ENCODERS.get(chosen or codec, ENCODERS[DEFAULT])
    options = dict(FIXED.get(encoder, {}))
    if encoder in CRF:
        options["crf"] = str(CRF[encoder] if crf is None else crf)
    if encoder in PRESET:
        options["preset"] = preset or PRESET[encoder]
    return Coding(encoder, options)


def add_video(output: Any, how: Coding, frame: VideoFrame, time_base: Fraction, rate: Fraction | None) -> Any:
    """A stream of an open output for frames like this one, with its colours and its shape of a pixel."""
    stream = output.add_stream(how.encoder, rate=rate or 25, options=dict(how.options))
    context = stream.codec_context
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = frame.format.name
    context.time_base = time_base
    context.color_range = frame.color_range
    context.colorspace = frame.colorspace
    context.color_primaries = frame.color_primaries
    context.color_trc = frame.color_trc
    context.flags |= library().codec.context.Flags.global_header
    stream.time_base = time_base
    return stream
