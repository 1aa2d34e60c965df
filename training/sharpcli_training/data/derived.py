"""What is computed from a pack once and kept beside it, under names that say what it was made of.

A pack can be made anew in the same folder, and what was made of the one before must not be taken for its own.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

SPLITS = ("train", "val")
DIGITS = 12
ROWS = 64
"""Pairs that are looked at in one go."""


def digest(pack: Path, split: str) -> str:
    """The first digits of the SHA-256 of a split's pairs; computed where the pack does not tell it."""
    known = json.loads((pack / "pack.json").read_text()).get("sha256", {})
    if split in known:
        return str(known[split])[:DIGITS]
    pairs = np.load(pack / f"{split}.npy", mmap_mode="r")
    found = hashlib.sha256()
    for start in range(0, len(pairs), ROWS):
        found.update(pairs[start : start + ROWS].tobytes())
    return found.hexdigest()[:DIGITS]


def luma_file(pack: Path, split: str) -> Path:
    """Where the luma planes of a split's pairs are kept."""
    return pack / f"{split}-luma-{digest(pack, split)}.npy"


def labels_file(pack: Path, teacher: str) -> Path:
    """Where a teacher's predictions for the training inputs are kept; `teacher` tells its weights and its way."""
    return pack / f"labels-{teacher}-{digest(pack, 'train')}.npy"


def remove_stale(pack: Path) -> None:
    """Delete what was made of other pairs than those that are there now."""
    own = {split: digest(pack, split) for split in SPLITS if (pack / f"{split}.npy").is_file()}
    for pattern, split in (("train-luma*.npy", "train"), ("val-luma*.npy", "val"), ("labels-*.npy", "train")):
        for path in pack.glob(pattern):
            if split not in own or not path.stem.endswith(f"-{own[split]}"):
                path.unlink()
