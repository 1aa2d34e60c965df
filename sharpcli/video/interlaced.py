"""Frames of two fields, each taken at a moment of its own: what an encoder has to be told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError
from sharpcli.video.clip import library

if TYPE_CHECKING:
    from av import VideoFrame

ENCODERS = frozenset({"libx264", "ffv1", "prores_ks", "mpeg2video", "rawvideo"})
"""Those that say of a frame that it is interlaced, by FFmpeg's names."""
UNKNOWN = 0
"""FFmpeg's number where nothing is said of which field comes first."""


def fields(frame: VideoFrame) -> tuple[slice, ...]:
    """The rows of a frame that were taken at one moment: all of them, or every second one where it is interlaced."""
    return (slice(0, None, 2), slice(1, None, 2)) if frame.interlaced_frame else (slice(None),)


def keep_fields(context: Any, frame: VideoFrame, order: int = UNKNOWN) -> None:
    """Have an encoder that is not open yet code frames like this one as interlaced, if it is; else do nothing.

    `order` is FFmpeg's number of the field order of the clip's decoder. Raises ImageError where the encoder cannot.
    """
    if not frame.interlaced_frame:
        return
    if context.name not in ENCODERS:
        raise ImageError(
            f"is interlaced, which {context.name} cannot keep; use --codec h264, or deinterlace it first, with "
            "ffmpeg -vf bwdif"
        )
    context.flags |= library().codec.context.Flags.interlaced_dct
    context.field_order = order
