"""What a clip held and its result does not: told by looking into both files, whoever lost it."""
from __future__ import annotations
from collections.abc import Mapping
from pathlib import Path
def missing(source: Path, made: Path, carried: Mapping[int, int]) -> tuple[str, ...]:
    return ()
