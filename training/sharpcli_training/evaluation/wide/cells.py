"""The degradations of the wide grid, and what a user who knows them could say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain


@dataclass(frozen=True)
class Cell:
    """A row of the table; `told` are the options that say what happened."""

    name: str
    chain: Chain
    told: Mapping[str, Any] = field(default_factory=dict)


def _blurred(name: str, kind: str, size: float, angle: float = 0.0, **more: Any) -> Cell:
    noise = {"noise": more["noise"]} if "noise" in more else {}
    noise["light"] = "linear" if more.get("linear") else "encoded"
    return Cell(name, Chain(blur=Blur(kind, size, angle), **more), {"kind": kind, "blur": size, "noise": 0, **noise})


CELLS = (
    _blurred("Gaussian 0.7", "gaussian", 0.7),
    _blurred("Gaussian 1.0", "gaussian", 1.0),
    _blurred("Gaussian 1.5", "gaussian", 1.5),
    _blurred("Gaussian 2.5", "gaussian", 2.5),
    _blurred("Gaussian 1.0, linear light", "gaussian", 1.0, linear=True),
    _blurred("disc 1.5", "defocus", 1.5),
    _blurred("disc 2.5", "defocus", 2.5),
    _blurred("disc 4", "defocus", 4.0),
    _blurred("disc 2.5, linear light", "defocus", 2.5, linear=True),
    _blurred("motion 5", "motion", 5.0, 30),
    _blurred("motion 9", "motion", 9.0, 30),
    _blurred("Gaussian 1 + noise 3", "gaussian", 1.0, noise=3),
    _blurred("Gaussian 1 + noise 8", "gaussian", 1.0, noise=8),
    _blurred("Gaussian 1 + JPEG 75", "gaussian", 1.0, jpeg=75),
    Cell("bicubic x2, then JPEG 50", Chain(scale=2, jpeg=50)),
    Cell("JPEG 50, then x2", Chain(scale=2, small_jpeg=50)),
    Cell("bicubic x2", Chain(scale=2)),
    Cell("bicubic x3", Chain(scale=3)),
    Cell("area/bilinear x2", Chain(scale=2, down="box", up="bilinear")),
    Cell("Lanczos x1.5", Chain(scale=1.5, down="lanczos", up="lanczos")),
    Cell("sharp + noise 5", Chain(noise=5), {"kind": "none", "noise": 5}),
    Cell("sharp", Chain()),
    Cell("JPEG 95", Chain(jpeg=95)),
    Cell("JPEG 90", Chain(jpeg=90)),
    Cell("JPEG 75", Chain(jpeg=75)),
    Cell("JPEG 50", Chain(jpeg=50)),
    Cell("WebP 80", Chain(webp=80)),
    Cell("bicubic x1.1", Chain(scale=1.1)),
)


def chosen_cells(names: Iterable[str]) -> tuple[Cell, ...]:
    """The cells of these names in the table's order, all of them for no name; raises SharpError for another name."""
    wanted = frozenset(names)
    known = {cell.name for cell in CELLS}
    if unknown := sorted(wanted - known):
        raise SharpError(f"the wide grid has no cell {unknown[0]!r}; it has: {'; '.join(c.name for c in CELLS)}")
    return tuple(cell for cell in CELLS if cell.name in (wanted or known))
