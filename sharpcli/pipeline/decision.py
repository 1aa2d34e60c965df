"""Which frame of several an enhancer decides by: one that is neither black nor a fade, looked for from the start."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FRAMES_LOOKED_AT = 50
"""At most; the last of them decides where none shows anything."""
FLAT = 0.02
"""The deviation, as a share of the whole range, below which a frame shows nothing."""


def shows_something(pixels: NDArray[Any]) -> bool:
    """Whether integer pixels of any shape are more than one tone."""
    return bool(pixels.std() > np.iinfo(pixels.dtype).max * FLAT)
