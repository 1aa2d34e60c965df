"""What Photoshop's resources hold, by number, IPTC among them (Photoshop File Formats, image resource blocks)."""

from __future__ import annotations

from collections.abc import Iterator

from sharpcli.image.inventory.part import Part, part

SIGNATURES = (b"8BIM", b"PHUT", b"AgHg", b"DCSR", b"MeSa")
IPTC = 0x0404


def photoshop_parts(resources: bytes) -> Iterator[Part]:
    """The resources as parts; a last one without a number where they cannot be followed to the end."""
    place = 0
    while resources[place : place + 4] in SIGNATURES:
        number = int.from_bytes(resources[place + 4 : place + 6], "big")
        name = resources[place + 6 : place + 7]
        start = place + 6 + (len(name) and name[0] + 1 + (name[0] + 1) % 2)  # the name is padded to an even length
        length = int.from_bytes(resources[start : start + 4], "big")
        content = resources[start + 4 : start + 4 + length]
        if len(content) < length or start + 4 > len(resources):
            break
        yield part("IPTC", content) if number == IPTC else part("Photoshop data", content, f"0x{number:04X}")
        place = start + 4 + length + length % 2
    if rest := resources[place:].strip(b"\0"):
        yield part("Photoshop data", rest)
