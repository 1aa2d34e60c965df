"""The streams of a result: the new video's, and one for each of the clip's that its format can hold."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import Clip, library
from sharpcli.video.subtitles import CODED, Converter, converter

if TYPE_CHECKING:
    from av import VideoFrame

OWN_TAGS = frozenset({"encoder", "major_brand", "minor_version", "compatible_brands", "duration", "software"})
"""What a muxer writes of itself."""
MATROSKA = frozenset({"matroska"})
"""Formats with attachments."""
IN_TS = frozenset(
    (
        *("aac", "aac_latm", "ac3", "dts", "eac3", "mp1", "mp2", "mp3", "opus", "s302m", "truehd"),
        *("dvb_subtitle", "dvb_teletext", "hdmv_pgs_subtitle", "pgssub", "dvbsub"),
        *("h264", "hevc", "mpeg1video", "mpeg2video", "mpeg4"),
        *("klv", "scte_35", "timed_id3"),
    )
)
"""What a transport stream has a type for; FFmpeg writes all else as private data, which nothing can read."""
DOLBY = frozenset({"DOVI_METADATA", "DOVI_RPU_BUFFER"})
"""Side data of frames with Dolby Vision, which no encoder here writes."""


def added(
    output: Any,
    clip: Clip,
    format: str,
    encoder: Any,
    frame: VideoFrame,
    notes: list[str],
    make_video: Callable[[], Any] | None = None,
    converters: dict[int, Converter] | None = None,
) -> tuple[Any, dict[int, Any]]:
    """The stream of the video, and those for copies of the clip's other ones by their index.

    What the format cannot hold is told in `notes`. `make_video` adds the video where it is not of an open `encoder`.
    What text has to go through is put into `converters`; without it, none is converted.
    """
    streams: dict[int, Any] = {}
    given: Any = clip.container.streams
    for one in given:
        if one.index == clip.video.index:
            video = made = make_video() if make_video else _video(output, clip, format, encoder, frame)
        elif one.type == "attachment":
            if format in MATROSKA:
                output.add_attachment(one.name or "attachment", one.mimetype or "application/octet-stream", one.data)
            else:
                notes.append(f"not carried over: the attachment {one.name}")
            continue
        elif _is_chapters(one, clip) or _is_timecode(one):
            continue  # written anew by the muxer from the clip's chapters and its tag `timecode`
        elif one.disposition & one.disposition.attached_pic and format in MATROSKA and clip.container.file is None:
            _attach_picture(output, one, clip)
            continue
        elif not _held(one, format) or (format == "webm" and one.disposition & one.disposition.attached_pic):
            found = None if converters is None else converter(one, format)
            if converters is None or found is None:
                notes.append(f"not carried over: {_in_words(one)}")
                continue
            converters[one.index] = found
            made = streams[one.index] = found.added(output)
            notes.append(f"converted to {CODED[format]}: {_in_words(one)}")
        else:
            made = streams[one.index] = output.add_stream_from_template(one, opaque=True)
            if one.type == "video" and one.sample_aspect_ratio:
                made.codec_context.sample_aspect_ratio = one.sample_aspect_ratio
        made.metadata.update({key: value for key, value in one.metadata.items() if key.lower() not in OWN_TAGS})
        made.disposition = one.disposition
        if format == "mpegts" and clip.format == "mpegts":
            made.id = one.id
    return video, streams


def _video(output: Any, clip: Clip, format: str, encoder: Any, frame: VideoFrame) -> Any:
    sides: Any = frame.side_data
    kinds = {one.type.name for one in sides}
    own = clip.video.codec_context.codec.canonical_name == encoder.codec.canonical_name and not kinds & DOLBY
    # The clip's own stream as the template, since it brings side data with it that PyAV gives no other access to.
    stream = output.add_stream_from_template(clip.video if own else _header_of(encoder, frame), opaque=True)
    context = stream.codec_context
    context.extradata = encoder.extradata
    context.codec_tag = "\0\0\0\0"
    if format in ("mp4", "mov"):
        context.codec_tag = "hvc1" if encoder.name == "libx265" else encoder.codec_tag
    context.width, context.height, context.pix_fmt = encoder.width, encoder.height, encoder.pix_fmt
    context.framerate = encoder.framerate
    context.color_range, context.colorspace = encoder.color_range, encoder.colorspace
    context.color_primaries, context.color_trc = encoder.color_primaries, encoder.color_trc
    context.field_order = encoder.field_order or context.field_order
    if aspect := encoder.sample_aspect_ratio:
        context.sample_aspect_ratio = aspect
    context.bit_rate = 0
    stream.time_base = 1 / encoder.framerate if format == "avi" else clip.video.time_base
    matrix = next((bytes(one) for one in sides if one.type.name == "DISPLAYMATRIX"), b"")
    if len(matrix) == 36:
        stream.set_display_matrix(struct.unpack("=9i", matrix))
    return stream


def _header_of(encoder: Any, frame: VideoFrame) -> Any:
    """A stream that has an encoder's codec and nothing else, read back from a file of one frame."""
    av = library()
    file = BytesIO()
    with av.open(file, "w", format="matroska") as output:
        stream = output.add_stream(encoder.codec.name, rate=encoder.framerate, options=dict(encoder.options))
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = encoder.width, encoder.height, encoder.pix_fmt
        context.time_base = encoder.time_base
        for packet in (*stream.encode(frame), *stream.encode(None)):
            packet.dts = packet.pts  # x265 leaves it to chance where frames are fewer than those it reorders
            output.mux_one(packet)
    file.seek(0)
    return av.open(file).streams.video[0]


def _is_chapters(stream: Any, clip: Clip) -> bool:
    """Whether it is the track that QuickTime keeps the names of chapters in."""
    return (
        "mp4" in clip.format
        and stream.type == "data"
        and _name(stream) == "bin_data"
        and bool(clip.container.chapters())
    )


def _is_timecode(stream: Any) -> bool:
    return stream.type == "data" and "timecode" in stream.metadata


def _attach_picture(output: Any, stream: Any, clip: Clip) -> None:
    """Matroska keeps cover art as a file."""
    with library().open(clip.container.name) as container:
        packet = next(one for one in container.demux(container.streams[stream.index]) if one.size)
        data = bytes(packet)
    ending, mime = {"png": ("png", "image/png"), "bmp": ("bmp", "image/bmp")}.get(
        stream.codec_context.name, ("jpg", "image/jpeg")
    )
    tags = {key: value for key, value in stream.metadata.items() if key not in ("filename", "mimetype")}
    made = output.add_attachment(
        stream.metadata.get("filename", f"cover.{ending}"), stream.metadata.get("mimetype", mime), data
    )
    made.metadata.update(tags)


def _held(stream: Any, format: str) -> bool:
    """Whether a format takes a copy of a stream, which only an attempt tells of all of them."""
    av = library()
    name = stream.codec_context.codec.canonical_name if stream.codec_context else _name(stream)
    if format == "mpegts" and name not in IN_TS:
        return False
    output = av.open(BytesIO(), "w", format=format, metadata_errors="surrogateescape")
    try:
        output.add_stream_from_template(stream, opaque=True)
        output.start_encoding()
    except (ValueError, av.error.FFmpegError):
        return False
    finally:
        with suppress(av.error.FFmpegError):
            output.close()
    return True


def _name(stream: Any) -> str | None:
    # Streams of an unknown codec have no attribute for it.
    return getattr(stream, "name", None)


def _in_words(stream: Any) -> str:
    context = stream.codec_context
    codec = context.name if context else _name(stream) or "unknown"
    language = f", {stream.language}" if stream.language else ""
    return f"stream {stream.index} ({stream.type}, {codec}{language})"
