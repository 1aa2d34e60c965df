"""The first convolution's kernel in the form that engines run fastest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def unshuffled(weight: NDArray[Any]) -> NDArray[Any]:
    """A 3x3 kernel on the four phases of a plane as a 6x6 kernel with stride 2 on the plane (padding 2)."""
    kernel = np.zeros((len(weight), 1, 6, 6), weight.dtype)
    for phase in range(4):
        kernel[:, 0, phase // 2 :: 2, phase % 2 :: 2] = weight[:, phase]
    return kernel
