"""Limits for visitors: sizes of uploads and images, what cameras may use, whether options may name files here."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError, SharpError

if TYPE_CHECKING:
    from sharpcli.image.read import Header
    from sharpcli.plugin.enhancer import Enhancer

MEGAPIXELS = 50
UPLOAD = 500_000_000
"""Most bytes of one upload."""
AT_ONCE = 30
"""Runs of all visitors that take turns; of 40 threads, some are left for what is done at once."""
CPU_SHARE, FRAME_SECONDS = 0.5, 1 / 30
"""What cameras may use of the cores, which browsers need too, and how long a frame may take."""


@dataclass(frozen=True)
class Limits:
    """Megapixels of an image after enlarging, and bytes of an upload.

    `paths` says whether visitors may set options that name files on the server.
    """

    megapixels: float = MEGAPIXELS
    upload: int = UPLOAD
    paths: bool = True

    def check(self, path: Path, upscale: float = 1) -> float:
        """The megapixels, once enlarged; raises ImageError for a file that is no image or too large, by its header."""
        from sharpcli.image.read import opened

        with opened(path) as source:
            return self.allow(source.header, upscale)

    def allow(self, header: Header, upscale: float = 1) -> float:
        """The megapixels of an image, once enlarged; raises ImageError if these are too many."""
        pixels = header.width * header.height * upscale**2 / 1e6
        if pixels > self.megapixels:
            enlarged = f" when enlarged {upscale:g} times" if upscale != 1 else ""
            has = ceil(10 * pixels) / 10  # 50.04 is not "50, and 50 are allowed"
            raise ImageError(f"has {has:g} megapixels{enlarged}; this page accepts up to {self.megapixels:g}")
        return pixels

    def permitted(self, enhancer: Enhancer) -> Enhancer:
        """The enhancer; raises SharpError if a visitor has set an option that only the operator may set."""
        for declared in enhancer.options():
            if declared.kind == "path" and not self.paths and getattr(enhancer, declared.name) != declared.default:
                raise SharpError(
                    f"option {declared.name} of {enhancer.name} names a file on the server "
                    "and can only be set by the operator; leave it out"
                )
        return enhancer
