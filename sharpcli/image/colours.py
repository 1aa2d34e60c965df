"""Which pictures a format would show in other colours, since it has no place for what tells theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB as a PNG's cHRM tells them, in 1/100000."""
SRGB_GAMMA, NEAR = 45455, 100  # likewise
GREY_SPACE = b"GRAY"  # in an ICC profile's header


def lost_colour(metadata: Mapping[str, Any], mode: str, name: str) -> str:
    """Why a picture of that mode would have other colours in a file of the format `name`; empty where it would not."""
    profile = metadata.get("icc_profile", b"")
    chunks = dict(metadata.get("chunks", ()))
    if profile and name == "BMP":
        return "has a colour profile, which has no place in BMP; use --format png"
    if profile[16:20] == GREY_SPACE and (name, mode) in (("WEBP", "L"), ("WEBP", "LA"), ("AVIF", "LA")):
        return f"has a grey colour profile, and {name} would hold its grey as colour; use --format png"
    if not profile and name != "PNG" and not _like_srgb(chunks):
        told = " and ".join(sorted(chunk.decode() for chunk in chunks))
        return f"has colours of its own ({told}), which have no place in {name}; use --format png"
    return ""


def _like_srgb(chunks: Mapping[bytes, bytes]) -> bool:
    if b"cICP" in chunks or b"sRGB" in chunks:
        return b"cICP" not in chunks
    gamma, places = chunks.get(b"gAMA"), chunks.get(b"cHRM")
    numbers = (
        [int.from_bytes(places[start : start + 4], "big") for start in range(0, len(places), 4)] if places else SRGB
    )
    usual = gamma is None or abs(int.from_bytes(gamma, "big") - SRGB_GAMMA) <= NEAR
    return usual and len(numbers) == len(SRGB) and all(abs(a - b) <= NEAR for a, b in zip(numbers, SRGB, strict=True))
