"""HDR10: what the mastering display showed and how bright the content is, as the encoders want to be told."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from av import VideoFrame

CHROMATICITY, LUMINANCE = 50_000, 10_000
"""Units of a coordinate and of 1 cd/m2 in the messages of H.264 and H.265 (SMPTE ST 2086)."""


def light_options(frame: VideoFrame, encoder: str) -> str:
    """The frame's HDR10 data as an encoder's own options, joined by colons; empty where it has none."""
    sides: Any = frame.side_data
    data = {one.type.name: bytes(one) for one in sides}
    svt = encoder == "libsvtav1"
    options = []
    if display := _display(data.get("MASTERING_DISPLAY_METADATA", b""), svt):
        name = "master-display" if encoder == "libx265" else "mastering-display"
        options.append(f"{name}={display}")
    if len(level := data.get("CONTENT_LIGHT_LEVEL", b"")) >= 8:
        most, average = struct.unpack_from("=II", level)
        name = {"libx264": "cll", "libx265": "max-cll"}.get(encoder, "content-light")
        options.append(f"{name}={most},{average}")
    return ":".join(options)


def _display(data: bytes, decimals: bool) -> str:
    """FFmpeg's AVMasteringDisplayMetadata: fractions of red, green, blue and white (x, y), least and most luminance."""
    if len(data) < 88:
        return ""
    *numbers, has_primaries, has_luminance = struct.unpack_from("=22i", data)
    if not (has_primaries and has_luminance) or not all(numbers[1::2]):
        return ""
    values = [above / below for above, below in zip(numbers[::2], numbers[1::2], strict=True)]
    places, lights = values[:8], values[8:]
    if decimals:
        told = [f"{value:.6f}" for value in places] + [f"{value:.4f}" for value in lights]
    else:
        told = [str(round(value * CHROMATICITY)) for value in places]
        told += [str(round(value * LUMINANCE)) for value in lights]
    red, green, blue, white = (f"({told[at]},{told[at + 1]})" for at in range(0, 8, 2))
    return f"G{green}B{blue}R{red}WP{white}L({told[9]},{told[8]})"
