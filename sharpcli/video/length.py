"""Whether a clip went on for as long as it says: demuxers end where damage begins, without a word."""

from __future__ import annotations

import re
from fractions import Fraction

from sharpcli.errors import ImageError
from sharpcli.video.clip import Clip

TOLERANCE = Fraction(1, 2)
"""Seconds, beside the time of two frames, that are within what headers round and estimate."""


def check_length(clip: Clip, end: Fraction) -> None:
    """Raise ImageError if the video ended, at `end` in seconds, long before the time that the header tells."""
    told = _told(clip)
    if told is not None and end + TOLERANCE + 2 / (clip.rate or 25) < told:
        raise ImageError(f"ends at {float(end):.2f} s of {float(told):.2f} s; it is truncated or damaged")


def _told(clip: Clip) -> Fraction | None:
    """When the video ends by the header; None where that tells nothing of the video alone."""
    video = clip.video
    tags = {key.upper(): value for key, value in video.metadata.items()}
    if "matroska" in clip.format:
        found = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", tags.get("DURATION", ""))
        if found:
            return int(found[1]) * 3600 + int(found[2]) * 60 + Fraction(found[3])
    elif video.duration and video.time_base and clip.format != "mpegts":  # there it is that of the packets found
        # Of what begins late, some files and FFmpeg itself count the time before in.
        return (video.duration + min(video.start_time or 0, 0)) * video.time_base
    return None
