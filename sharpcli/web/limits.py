"""Limits for visitors: sizes of uploads and images, what cameras may use, and what only the operator may set or see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import ImageError, SharpError
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.image.read import Header
    from sharpcli.plugin.catalog import Catalog
    from sharpcli.plugin.enhancer import Enhancer

MEGAPIXELS = 50
UPLOAD = 500_000_000
"""Most bytes of one upload."""
UNPACKED = 4
"""How many times the largest upload the images of a visitor's archives may have together."""
WAITING = 40
"""Requests that may wait; any further ones are refused."""
AT_ONCE = 30
"""Runs of all visitors that take turns; of 40 threads, some are left for what is done at once."""
CPU_SHARE, FRAME_SECONDS = 0.5, 1 / 30
"""What cameras may use of the cores, which browsers need too, and how long a frame may take."""


@dataclass(frozen=True)
class Limits:
    """Megapixels of an image after enlarging, and bytes of an upload.

    `paths` says whether visitors may set options that name files on the server, and see where files lie there: only
    where the operator is the one visitor.
    """

    megapixels: float = MEGAPIXELS
    upload: int = UPLOAD
    paths: bool = True

    @property
    def unpacked(self) -> int:
        """Bytes that the archives of one batch may have together, unpacked."""
        return UNPACKED * self.upload

    def check(self, path: Path, upscale: float = 1) -> float:
        """The megapixels, once enlarged; raises ImageError for a file that is no image or too large, by its header."""
        from sharpcli.image.read import opened

        with opened(path) as source:
            return self.allow(source.header, upscale)

    def allow(self, header: Header, upscale: float = 1) -> float:
        """The megapixels of an image, once enlarged; raises ImageError if these are too many."""
        pixels = header.width * header.height * upscale**2 / 1e6
        if pixels > self.megapixels:
            size = {
                "has": f"{ceil(10 * pixels) / 10:g}",  # 50.04 is not "50, and 50 are allowed"
                "most": f"{self.megapixels:g}",
            }
            if upscale == 1:
                raise ImageError(say("has {has} megapixels; this page accepts up to {most}", **size))
            raise ImageError(
                say(
                    "has {has} megapixels when enlarged {upscale} times; this page accepts up to {most}",
                    upscale=f"{upscale:g}",
                    **size,
                )
            )
        return pixels

    def create(self, name: str, settings: Mapping[str, Any], upscale: float = 1) -> Enhancer:
        """An enhancer as `create_enhancer` makes it; raises SharpError for an option that only the operator may set.

        It is refused before the plugin sees it, which may look at the file at once.
        """
        from sharpcli.pipeline.spec import create_enhancer
        from sharpcli.plugin.registry import load_registry

        for declared in load_registry().get(name).options():
            given = settings.get(declared.name, declared.default)
            if declared.kind == "path" and not self.paths and given != declared.default:
                raise SharpError(
                    say(
                        "option {option} of {enhancer} names a file on the server and can only be set by the operator; "
                        "leave it out",
                        option=declared.name,
                        enhancer=name,
                    )
                )
        return create_enhancer(name, settings, upscale)

    def shown(self, installed: Catalog) -> Catalog:
        """What a visitor sees of what is installed: nothing of the server's files and tracebacks."""
        if self.paths:
            return installed
        entries = tuple(
            replace(
                entry,
                origin=replace(entry.origin, file=None),
                options=tuple(replace(one, default="") if one.kind == "path" else one for one in entry.options),
                problems=_reasonless(entry.problems),
                weights=tuple(
                    replace(file, card=replace(file.card, problems=()), problems=_reasonless(file.problems))
                    for file in entry.weights
                ),
            )
            for entry in installed.enhancers
        )
        hidden = say("failed to load; see the server's output")
        broken = tuple(
            replace(one, origin=replace(one.origin, file=None), reason=hidden, remedy="") for one in installed.broken
        )
        return replace(installed, enhancers=entries, broken=broken)

    def recorded(self, enhancer: Enhancer, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a run as a visitor may read them: without the operator's files."""
        options = dict(settings.get("options", {}))
        for declared in enhancer.options():
            if declared.kind == "path" and not self.paths:
                options.pop(declared.name, None)
        return {**settings, "options": options} if "options" in settings else dict(settings)


def _reasonless(problems: Sequence[str]) -> tuple[str, ...]:
    return (say("has a problem that only the server's operator can see"),) if problems else ()
