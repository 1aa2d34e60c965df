"""How large a visitor's files may be."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import PictureError

if TYPE_CHECKING:
    from sharpcli.image.read import Header

MEGAPIXELS = 50
UPLOAD = 500_000_000
"""Bytes that one upload may have."""


@dataclass(frozen=True)
class Limits:
    """Megapixels of a picture after enlarging, and bytes of an upload."""

    megapixels: float = MEGAPIXELS
    upload: int = UPLOAD

    def check(self, path: Path, upscale: float = 1) -> None:
        """Raise PictureError for a file that is no picture or too large, told from its header alone."""
        from sharpcli.image.read import opened

        with opened(path) as source:
            self.allow(source.header, upscale)

    def allow(self, header: Header, upscale: float = 1) -> None:
        """Raise PictureError for a picture that is too large."""
        pixels = header.width * header.height * upscale**2 / 1e6
        if pixels > self.megapixels:
            enlarged = f" once enlarged {upscale:g} times" if upscale != 1 else ""
            has = ceil(10 * pixels) / 10  # 50.04 is not "50, and 50 are allowed"
            raise PictureError(f"has {has:g} megapixels{enlarged}; this page takes up to {self.megapixels:g}")
