"""An enhancer that is an ONNX network with one weights file a profile."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from sharpcli.enhancer import Enhancer, option

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROFILES = ("photo", "x2")
PROFILE_HELP = "the damage to undo: photo = unknown blur, x2 = enlarged exactly twice by bicubic interpolation"


class NetworkEnhancer(Enhancer):
    """Runs `folder/NAME-PROFILE.onnx`; a subclass gives name, summary, folder and the network's colour and reach."""

    folder: ClassVar[Path]
    dtype = "any"
    profile: str = option(PROFILES[0], PROFILE_HELP, choices=PROFILES)

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels of the same shape and dtype; raises SharpError when the weights are missing or damaged."""
        from sharpcli.runtime import load_network

        return load_network(self.file())(pixels)

    def file(self) -> Path:
        """The weights that these options ask for."""
        return self.folder / f"{self.name}-{self.profile}.onnx"

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """One file a profile."""
        return tuple(cls.folder / f"{cls.name}-{profile}.onnx" for profile in PROFILES)
