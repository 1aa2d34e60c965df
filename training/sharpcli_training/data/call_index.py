"""What a pack of calls says of itself: its card, and what each run of frames went through and where it lies."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file

INDEX, FRAMES = "calls.json", "frames.bin"
TOGETHER = 2
"""Frames of a run that lie in the pack, one after the other."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """What a run of frames went through, as far as networks are told of it; the default is an untouched one."""

    codec: str = ""
    """Empty where nothing was coded."""
    bits: float = 0.0
    """Per pixel of the frames that were sent."""
    error: float = 0.0
    """What coding cost: root of the mean squared error of the luma that was sent, in levels."""
    scale: float = 1.0
    """How many times smaller than the reference frames were sent."""
    shrink: str = ""
    """`box` or `bilinear`, where they were."""
    enlarge: str = ""
    """`bilinear` or `bicubic`, where they were."""
    noise: float = 0.0
    """Of the camera, in levels."""
    noise_width: float = 0.0
    """Sigma of the blur that the noise went through."""
    sharpened: float = 0.0
    """Share of an unsharp mask that the camera added."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One run of frames in a pack."""

    split: str
    """`train` or `val`."""
    source: str
    line: Line
    width: int
    height: int
    """Of the reference."""
    offset: int
    came: int
    """Bytes of the degraded frames, of the size that was sent: WebP without loss, one below the other."""
    due: int
    """Bytes of the references, which follow; 0 where nothing happened, and the frames are their own references."""


def write_calls(pack: Path, card: dict[str, Any], calls: list[Call]) -> None:
    """Write the index of a pack. Raises OSError."""
    with whole_file(pack / INDEX) as index:
        index.write(json.dumps({"card": card, "calls": [asdict(call) for call in calls]}, indent=1).encode())


def holds_calls(pack: Path) -> bool:
    """Whether a folder holds a pack of calls, as opposed to one of originals."""
    return (pack / INDEX).is_file()


def read_calls(pack: Path) -> tuple[dict[str, Any], list[Call]]:
    """Card and runs of a pack; raises SharpError when the folder holds none."""
    try:
        index = json.loads((pack / INDEX).read_text())
        return index["card"], [Call(**{**call, "line": Line(**call["line"])}) for call in index["calls"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SharpError(f"{pack} holds no pack of calls; make one with `sharpcli train calls`") from error
