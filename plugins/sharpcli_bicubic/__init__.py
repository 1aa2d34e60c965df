"""The baseline: interpolation alone, which is what every sharpened image has to beat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sharpcli.plugin import Enhancer, hookimpl

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Bicubic(Enhancer):
    """Returns its input: what `--upscale` does before any enhancer is all the baseline there is."""

    name = "bicubic"
    summary = "baseline: bicubic interpolation only; returns its input unless upscaling"
    dtype = "uint8"
    receptive_radius = 0

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The same pixels."""
        return pixels


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """The bicubic baseline."""
    return [Bicubic]
