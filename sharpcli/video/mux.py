"""Puts the new video and everything else that a clip's file held into a file, packet by packet."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.video.clip import Clip, library

if TYPE_CHECKING:
    from av import Packet

OWN_TAGS = frozenset({"encoder", "major_brand", "minor_version", "compatible_brands", "duration"})
"""What a muxer writes of itself."""


def muxed(clip: Clip, segments: Sequence[Path], target: Path, format: str) -> tuple[str, ...]:
    """Write the file; returns notes of what its format cannot hold. Raises ImageError."""
    av = library()
    notes: list[str] = []
    with av.open(str(target), "w", format=format, options=options_of(format)) as output:
        output.metadata.update({key: value for key, value in clip.container.metadata.items() if key not in OWN_TAGS})
        streams: dict[int, Any] = {}
        with av.open(str(segments[0])) as first:
            template = first.streams.video[0]
            for one in clip.container.streams:
                made = _stream(output, template if one is clip.video else one, one, notes)
                if made is not None:
                    streams[one.index] = made
            video = streams[clip.video.index]
            video.time_base = clip.video.time_base
        if chapters := clip.container.chapters():
            output.set_chapters(chapters)
        output.start_encoding()
        others = [one for one in clip.container.streams if one.index in streams and one is not clip.video]
        for packet, stream in merge(_video(segments, video), _copied(clip, others, streams), key=_moment):
            packet.stream = stream
            output.mux_one(packet)
    return tuple(notes)


def options_of(format: str) -> dict[str, str]:
    """FFmpeg's options of a container."""
    return {"movflags": "+faststart+use_metadata_tags"} if format in ("mp4", "mov") else {}


def _stream(output: Any, template: Any, original: Any, notes: list[str]) -> Any:
    av = library()
    if original.type == "attachment":
        output.add_attachment(original.name, original.mimetype, original.data)
        return None
    try:
        stream = output.add_stream_from_template(template, opaque=True)
    except (ValueError, av.error.FFmpegError):
        notes.append(f"not carried over: {original.type} stream {original.index}")
        return None
    stream.metadata.update({key: value for key, value in original.metadata.items() if key not in OWN_TAGS})
    stream.disposition = original.disposition
    return stream


def _moment(pair: tuple[Packet, Any]) -> float:
    packet = pair[0]
    return float((packet.dts if packet.dts is not None else packet.pts or 0) * packet.time_base)


def _copied(clip: Clip, others: Sequence[Any], streams: dict[int, Any]) -> Iterator[tuple[Packet, Any]]:
    if not others:
        return
    for packet in clip.container.demux(*others):
        if packet.size:
            yield packet, streams[packet.stream_index]


def _video(segments: Iterable[Path], stream: Any) -> Iterator[tuple[Packet, Any]]:
    """The packets of all segments, decoding times anew: each encoder counted back from its own first frame."""
    av = library()
    shown: list[int] = []
    behind = 0
    for path in segments:
        with av.open(str(path)) as container:
            order = [packet.pts for packet in container.demux(video=0) if packet.size]
        behind = max(behind, _behind(order))
        shown += sorted(order)
    step = shown[1] - shown[0] if len(shown) > 1 else 1
    number = 0
    for path in segments:
        with av.open(str(path)) as container:
            for packet in container.demux(video=0):
                if packet.size:
                    late = number - behind
                    packet.dts = shown[late] if late >= 0 else shown[0] + late * step
                    number += 1
                    yield packet, stream


def _behind(order: Sequence[int]) -> int:
    """How many frames later than in the order of decoding a frame is shown, at most (the reorder depth)."""
    shown = sorted(order)
    return max((place - bisect.bisect_left(shown, pts) for place, pts in enumerate(order)), default=0)
