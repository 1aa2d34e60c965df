"""What a clip held and its result does not: told by looking into both files, whoever lost it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sharpcli.video.clip import Clip, in_words, opened
from sharpcli.video.streams import OWN_TAGS

OF_STREAMS = frozenset(
    {"handler_name", "vendor_id", "duration", "encoder", "language", "filename", "mimetype", "timecode", "reel_name"}
)
"""Tags of streams that containers write of their own accord, or that are looked at apart."""
SIDES = {
    "A53_CC": "closed captions",
    "AFD": "the active format",
    "AMBIENT_VIEWING_ENVIRONMENT": "the ambient viewing environment",
    "CONTENT_LIGHT_LEVEL": "the content light level",
    "DISPLAYMATRIX": "the rotation",
    "DOVI_METADATA": "Dolby Vision",
    "DOVI_RPU_BUFFER": "Dolby Vision",
    "DYNAMIC_HDR_PLUS": "HDR10+",
    "DYNAMIC_HDR_VIVID": "HDR Vivid",
    "FILM_GRAIN_PARAMS": "film grain parameters",
    "ICC_PROFILE": "the ICC profile",
    "MASTERING_DISPLAY_METADATA": "the mastering display",
    "S12M_TIMECODE": "time codes of frames",
    "SPHERICAL": "the projection of a spherical video",
    "STEREO3D": "how stereo images are packed",
}
"""Side data of frames that matters to who sees them, by PyAV's names."""
FRAMES_LOOKED_AT = 8
"""At the start: captions come with some frames only."""


def missing(source: Path, made: Path, carried: Mapping[int, int]) -> tuple[str, ...]:
    """Notes of what `made` lacks of `source`; `carried` is the index of a stream there by that here.

    Raises ImageError.
    """
    with opened(source) as before, opened(made) as after:
        lost = [*_tags(before, after, carried), *_looks(before, after)]
        if len(after.container.chapters()) < len(before.container.chapters()):
            lost.append("chapters")
        with in_words():
            had, has = _sides(before), _sides(after)
        lost += sorted({SIDES[kind] for kind in had - has if kind in SIDES})
    notes = [f"not carried over: {', '.join(dict.fromkeys(lost))}"] if lost else []
    given, written = before.video.time_base, after.video.time_base
    if given and written and given < written and (written / given).denominator != 1:
        notes.append(f"times of frames are rounded to {float(written * 1000):.3g} ms, as this container counts")
    return tuple(notes)


def _tags(before: Clip, after: Clip, carried: Mapping[int, int]) -> Iterator[str]:
    has = {key.lower() for key in after.container.metadata}
    for stream in after.container.streams:
        has |= {key.lower() for key in stream.metadata}  # a transport stream's are told of its streams
    for key in before.container.metadata:
        if key.lower() not in OWN_TAGS | has:
            yield f"the tag {key}"
    made = after.container.streams
    for one in before.container.streams:
        if one.index not in carried or carried[one.index] >= len(made):
            continue
        other = made[carried[one.index]]
        if other.type != one.type:
            continue
        name = f"of stream {one.index} ({one.type})"
        if one.language not in (None, "und") and other.language != one.language:
            yield f"the language {one.language} {name}"
        has = {key.lower() for key in other.metadata}
        for key in one.metadata:
            # Matroska's statistics of what was in a track, which ends in its language there.
            if key.lower() not in OF_STREAMS | has and not key.upper().startswith(("_STATISTICS", "BPS", "NUMBER_OF_")):
                yield f"the tag {key} {name}"
        if lost := one.disposition & ~other.disposition & ~one.disposition.default:
            yield f"the disposition {lost.name} {name}"


def _looks(before: Clip, after: Clip) -> Iterator[str]:
    one, other = before.video, after.video
    aspects = [stream.sample_aspect_ratio or 1 for stream in (one, other)]
    if aspects[0] != aspects[1]:
        yield f"the shape of a pixel ({one.sample_aspect_ratio})"


def _sides(clip: Clip) -> set[str]:
    frames: Any = islice(clip.container.decode(clip.video), FRAMES_LOOKED_AT)
    return {one.type.name for frame in frames for one in frame.side_data}
