"""Whether a JPEG's frame and scans can be decoded, and whether they are all there (ITU-T T.81, annexes B and G)."""

from __future__ import annotations

from sharpcli.errors import ImageError
from sharpcli.image.jpeg.segments import Layout, Segment

PROGRESSIVE = (0xC2, 0xCA)
ARITHMETIC = (0xC9, 0xCA)
LOSSLESS = 0xC3
DECODED = (0xC0, 0xC1, *PROGRESSIVE, LOSSLESS, 0xC9)
MOST_SCANS = 500
"""More than any encoder makes; each can take as long as the whole image."""
NOTHING = 16
"""Bits of a coefficient that are still to come before any scan."""


def check_frame(found: Layout) -> Segment:
    """The frame of an image that can be decoded; raises ImageError where it is none, without looking at its pixels."""
    frame = found.frame
    if frame is None or len(frame.payload) < 6 + 3 * frame.payload[5]:
        raise ImageError("is damaged or truncated (a JPEG without its frame)")
    if frame.mark not in DECODED:
        raise ImageError("is a hierarchical or lossless arithmetic JPEG, which is not supported; save it as PNG")
    if frame.payload[0] != 8:
        raise ImageError(f"is a JPEG of {frame.payload[0]} bits per channel, which is not supported; save it as PNG")
    if frame.payload[5] not in (1, 3, 4):
        raise ImageError(f"is a JPEG of {frame.payload[5]} channels, which is not supported; save it as PNG")
    if not any(frame.payload[1:3]) or not any(frame.payload[3:5]):
        raise ImageError("is a JPEG whose header does not tell its size, which is not supported; save it anew")
    if len(found.scans) > MOST_SCANS:
        raise ImageError("has an excessive number of JPEG scans and would take hours to decode; save it again")
    return frame


def check_scans(found: Layout) -> tuple[str, ...]:
    """A warning where a progressive JPEG ends before its last detail; ImageError where pixels are not there at all."""
    frame = check_frame(found)
    progressive = frame.mark in PROGRESSIVE
    # By component: how many low bits of each coefficient are still to come; all that a scan was not for.
    missing = {frame.payload[at]: [NOTHING] * 64 for at in range(6, 6 + 3 * frame.payload[5], 3)}
    for scan in found.scans:
        count = scan.payload[0] if scan.payload else 0
        if len(scan.payload) < 4 + 2 * count:
            raise ImageError("is damaged or truncated (a scan without its head)")
        first, last, bits = scan.payload[1 + 2 * count : 4 + 2 * count]
        refines, bits = bits >> 4, bits & 15
        coefficients = range(first, min(last, 63) + 1) if progressive else range(64)
        for component in scan.payload[1 : 1 + 2 * count : 2]:
            for place in coefficients if component in missing else ():
                if not refines or missing[component][place] < NOTHING:  # there is nothing to refine else
                    missing[component][place] = bits if progressive else 0
    if any(left[0] == NOTHING for left in missing.values()):
        raise ImageError("is damaged or truncated (a channel's pixels are missing)")
    if not any(any(left) for left in missing.values()):
        return ()
    if not found.ended:
        raise ImageError("is damaged or truncated (the file ends before its last scan)")
    return ("the last scans of a progressive JPEG are missing, so its finest detail is",)
