"""IPTC where a JPEG has it: among Photoshop's resources, not among Exif's tags as in a TIFF (IPTC-IIM 4.2)."""

from __future__ import annotations

import io
from contextlib import suppress

from sharpcli.image.metadata import IPTC, Metadata
from sharpcli.image.tags import exif as exif_bytes
from sharpcli.image.tags.exif import MARK
from sharpcli.image.tags.ifd import Directories

RESOURCE = b"8BIM\x04\x04"


def as_resource(metadata: Metadata) -> Metadata:
    """The same with Exif's IPTC tag as a resource of Photoshop's, where there is none of that kind yet."""
    resources = metadata.get("photoshop", b"")
    with suppress(KeyError, ValueError):
        directories = Directories(io.BytesIO(metadata["exif"].removeprefix(MARK)))
        entries, _ = directories.directory(directories.first, [])
        iptc = next((entry.value.rstrip(b"\0") for entry in entries if entry.tag == IPTC), b"")
        if iptc and RESOURCE not in resources:
            head = RESOURCE + b"\0\0" + len(iptc).to_bytes(4, "big")
            left = exif_bytes.upright(metadata["exif"], {IPTC})
            return {**metadata, "photoshop": resources + head + iptc + bytes(len(iptc) % 2), "exif": left}
    return metadata
