"""How the enhanced video is encoded: codec, quality and speed, by what the clip had."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError
from sharpcli.video.clip import library
from sharpcli.video.interlaced import UNKNOWN, keep_fields
from sharpcli.video.light import light_options

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
CRF = {"libx264": 12, "libx265": 14, "libvpx": 10, "libvpx-vp9": 16, "libsvtav1": 20}
PRESET = {"libx264": "veryfast", "libx265": "ultrafast", "libsvtav1": "9"}
FIXED: dict[str, dict[str, str]] = {
    # Else x264 may encode the same frames differently from run to run: some of its sums are rounded as it happens.
    "libx264": {"x264-params": "cpu-independent=1"},
    "libx265": {"x265-params": "log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "-5", "b": "100M", "auto-alt-ref": "0"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "7", "row-mt": "1", "b": "0"},
}
PARAMETERS = {"libx264": "x264-params", "libx265": "x265-params", "libsvtav1": "svtav1-params"}
"""The option that takes an encoder's own options."""
DEPTHS = {"libx265": 2}
"""Reorder depths that FFmpeg does not tell."""


@dataclass(frozen=True)
class Coding:
    """An encoder by FFmpeg's name with its options."""

    encoder: str
    options: Mapping[str, str] = field(default_factory=dict)


def coding(codec: str, crf: int | None = None, preset: str | None = None) -> Coding:
    """The encoder of one of ENCODERS' codecs; `crf` and `preset` overrule the defaults."""
    encoder = ENCODERS[codec]
    options = dict(FIXED.get(encoder, {}))
    if encoder in CRF:
        options["crf"] = str(CRF[encoder] if crf is None else crf)
    if encoder in PRESET:
        options["preset"] = preset or PRESET[encoder]
    return Coding(encoder, options)


def lit(how: Coding, first: VideoFrame) -> Coding:
    """The same with the HDR10 data of a clip, which its first frame has for all of them.

    Not asked of each encoder's own first frame: PyAV keeps a frame that was asked for side data until Python looks for
    cycles, and with an encoder for every few seconds those add up.
    """
    name = PARAMETERS.get(how.encoder, "")
    if not name or not (light := light_options(first, how.encoder)):
        return how
    return Coding(how.encoder, {**how.options, name: ":".join(filter(None, (how.options.get(name), light)))})


def add_video(output: Any, how: Coding, frame: VideoFrame, time_base: Fraction, rate: Fraction | None) -> Any:
    """A stream of an open output for frames like this one, with its colours; HDR data are in `how`, by `lit`."""
    stream = output.add_stream(how.encoder, rate=rate or 25, options=dict(how.options))
    _describe(stream.codec_context, frame, time_base)
    stream.time_base = time_base
    return stream


def encoder(
    how: Coding,
    frame: VideoFrame,
    time_base: Fraction,
    rate: Fraction | None,
    aspect: Fraction | None,
    reorder: bool,
    fields: int = UNKNOWN,
) -> Any:
    """An open encoder of frames like this one, with its colours and the shape of a pixel, and with HDR data by `lit`.

    Without `reorder` it keeps the order of the frames; `fields` is the clip's field order as in `keep_fields`. Raises
    ImageError where it cannot encode them.
    """
    av = library()
    os.environ.setdefault("SVT_LOG", "1")  # else SVT-AV1 tells its settings on standard error, segment for segment
    context = av.CodecContext.create(how.encoder, "w")
    _describe(context, frame, time_base)
    keep_fields(context, frame, fields)
    context.framerate = rate or 25
    if aspect:
        context.sample_aspect_ratio = aspect
    context.options = dict(how.options) | ({} if reorder else {"bf": "0"})
    try:
        context.open()
    except av.error.FFmpegError as error:
        kind = f"{frame.width} x {frame.height} {frame.format.name}"
        raise ImageError(f"is {kind}, which {how.encoder} cannot encode; choose another codec") from error
    return context


def reorder_depth(how: Coding, context: Any) -> int:
    """How many frames later than it is decoded a frame may be shown."""
    return max(int(context.reorder_depth), DEPTHS.get(how.encoder, 0))


def _describe(context: Any, frame: VideoFrame, time_base: Fraction) -> None:
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = frame.format.name
    context.time_base = time_base
    context.color_range = frame.color_range
    context.colorspace = frame.colorspace
    context.color_primaries = frame.color_primaries
    context.color_trc = frame.color_trc
    context.flags |= library().codec.context.Flags.global_header
