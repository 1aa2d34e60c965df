"""Published figures that ours stand beside; the figures themselves are in published.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sharpcli_training.evaluation.tables import markdown

SETS = ("Set5", "Set14", "BSD100", "Urban100")


@dataclass(frozen=True)
class Anchor:
    """A published network: `kmac` in thousands a pixel, `psnr` in dB by test set; None and absent where unpublished."""

    name: str
    parameters: str | None
    kmac: float | None
    psnr: Mapping[str, float]
    unverified: bool

    @property
    def label(self) -> str:
        """The name, with a dagger where the figures were recalled and not checked."""
        return f"{self.name} †" if self.unverified else self.name


def load_anchors() -> list[Anchor]:
    """The published networks, in the order of the file."""
    return [
        Anchor(
            entry["name"],
            entry.get("parameters"),
            entry.get("kmac"),
            {name: entry[name] for name in SETS if name in entry},
            entry.get("unverified", False),
        )
        for entry in _load()["network"]
    ]


def int8_losses() -> dict[str, str]:
    """What INT8 cost published networks on Set14 at x2: name to a range in dB."""
    return {entry["name"]: entry["loss"] for entry in _load()["int8"]}


def _load() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "published.toml").read_text(encoding="utf-8"))


def published_markdown(anchors: Sequence[Anchor], folders: Sequence[str]) -> str:
    """Published PSNR in dB on the test sets among `folders`; empty where none of them is in the literature."""
    known = [name for name in folders if any(name in anchor.psnr for anchor in anchors)]
    lines = [
        [
            anchor.label,
            *(f"{anchor.psnr[name]:.2f}" if name in anchor.psnr else "-" for name in known),
            anchor.parameters or "-",
            f"{anchor.kmac:g}" if anchor.kmac else "-",
        ]
        for anchor in anchors
    ]
    return markdown(["published, x2", *known, "parameters", "kMAC/px"], lines) if known else ""
