"""An enhancer that is an ONNX network of anybody's; `sharpcli new NAME --onnx FILE` writes one."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sharpcli.plugin.enhancer import Enhancer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sharpcli.inference.form import Layout, Order, Peak
    from sharpcli.inference.generic import ForeignNetwork


class OnnxEnhancer(Enhancer):
    """Runs `file` on pictures in the form that its network wants; a subclass says which, and what any enhancer says.

    `colour` is rgb, or luma for a network of one channel. A network that enlarges is given the small picture that a
    soft one was enlarged from, see `small_size.py`.
    """

    file: ClassVar[Path]
    """With a card beside it, of the same stem, that states the file's SHA-256."""
    layout: ClassVar[Layout] = "nchw"
    """Whether channels come before rows and columns or after them."""
    order: ClassVar[Order] = "rgb"
    peak: ClassVar[Peak] = 1
    """What white is."""
    scale: ClassVar[int] = 1
    """How many times it enlarges."""
    multiple: ClassVar[int] = 1
    """Both sides of what it is given must be multiples of it."""
    least: ClassVar[int] = 1
    """And at least so many pixels."""
    calls: int = dataclasses.field(default=1, kw_only=True)
    """How many calls are expected at a time, which share the cores then; changes no pixel."""

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels of the same shape and dtype; raises SharpError when the weights are missing or damaged."""
        import numpy as np

        from sharpcli.inference.native_scale import at_small_size

        network = self._network()
        if pixels.dtype != np.uint8:
            return at_small_size(pixels, self.scale, network)
        result = at_small_size(np.divide(pixels, 255, dtype=np.float32), self.scale, network)
        levels: NDArray[Any] = np.rint(result * 255).clip(0, 255).astype(np.uint8)
        return levels

    def shared(self, calls: int) -> Enhancer:
        """The same for so many calls at a time."""
        return dataclasses.replace(self, calls=calls)

    def release(self) -> None:
        """Let the engine forget its intermediate results."""
        self._network().release()

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """The one file."""
        return (cls.file,)

    def _network(self) -> ForeignNetwork:
        from sharpcli.inference.form import Form
        from sharpcli.inference.generic import load_foreign

        channels = 1 if self.colour == "luma" else 3
        form = Form(self.layout, channels, self.order, self.peak, self.multiple, self.least)
        return load_foreign(self.file, form, self.calls)
