"""Enhancers that are ONNX networks: with one weights file a profile, or with one of anybody's."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sharpcli.plugin.enhancer import Enhancer, option

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sharpcli.inference.generic import ForeignNetwork, Layout, Order, Peak

PHOTO, DEBLUR, DOUBLED, CALL, AUTO = "photo", "deblur", "x2", "call", "auto"
GENERAL = (DEBLUR, PHOTO)
"""Profiles for images that nothing is known about, the better one first."""
CALL_BITS = 0.8
"""Bits per pixel below which a clip is taken for a call (docs/decisions/0113)."""
MEANINGS = {
    DEBLUR: "blur, noise, enlargement and JPEG, each as strong as the image shows",
    PHOTO: "unknown enlargement and light blur",
    CALL: "video-call compression",
    DOUBLED: "enlarged exactly twice by bicubic interpolation",
    "x3": "enlarged exactly 3 times by bicubic interpolation",
    "x4": "enlarged exactly 4 times by bicubic interpolation",
    AUTO: f"{DOUBLED} if the image was enlarged so, else {{general}}",
}
"""A profile in words; which there are is read from the weights and cards that are present."""


class NetworkEnhancer(Enhancer):
    """Runs `folder/NAME-PROFILE.onnx`; a subclass adds name, summary, folder, color, receptive radius."""

    folder: ClassVar[Path]
    profiles: ClassVar[tuple[str, ...]] = (PHOTO,)
    """Those that `folder` holds weights or cards of; first the one for images that nothing is known about."""
    dtype = "any"
    profile: str = option(PHOTO, "")
    phase: tuple[int, int] = dataclasses.field(default=(0, 0), kw_only=True)
    """Rows and columns to repeat above and to the left, so that an image's sampling grid lies as the network knows it.

    Tiles start at even rows and columns, so what is right for the image is right for each of them.
    """

    bits: float = dataclasses.field(default=0.0, kw_only=True)
    """Bits per pixel of the clip, where these decided on the profile."""
    threads: int = dataclasses.field(default=1, kw_only=True)
    """How many threads call it at a time, which share the cores then; changes no pixel."""

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "folder"):  # else it is itself there to be subclassed
            cls.profiles = profiles_in(cls.folder, cls.name) or cls.profiles
            cls.__annotations__ = {**inspect.get_annotations(cls), "profile": "str"}
            cls.profile = _profile_option(cls.profiles)
        super().__init_subclass__()

    def for_image(self, pixels: NDArray[Any]) -> Enhancer:
        """Itself, or with profile auto the one whose profile and phase suit the image."""
        return self if self.profile != AUTO else self._doubled(pixels) or self._general()

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels of the same shape and dtype; raises SharpError when the weights are missing or damaged."""
        if self.profile == AUTO:
            return self.for_image(pixels).enhance(pixels)
        network = self._network()
        if self.phase == (0, 0):
            return network(pixels)
        import numpy as np

        rows, columns = self.phase
        whole = np.pad(pixels, ((rows, 0), (columns, 0), (0, 0)), mode="edge")
        return network(whole)[rows:, columns:]

    def for_stream(self, bits_per_pixel: float) -> Enhancer:
        """With profile auto, the one with the weights for calls where a clip has as few bits; else itself."""
        if self.profile != AUTO or CALL not in self.profiles or bits_per_pixel >= CALL_BITS:
            return self
        return dataclasses.replace(self, profile=CALL, bits=bits_per_pixel)

    def finding(self) -> str:
        """With how few bits a clip is coded, where that decided on the profile."""
        return f"coded with {self.bits:.3f} bits per pixel: profile {CALL}" if self.bits else super().finding()

    def file(self) -> Path:
        """The weights that these options ask for."""
        return self.folder / f"{self.name}-{self.profile}.onnx"

    def weight_files(self) -> tuple[Path, ...]:
        """The file of the profile, or those of all that it may turn out to be."""
        profiles = (self.profiles[0], DOUBLED) if self.profile == AUTO else (self.profile,)
        return tuple(dataclasses.replace(self, profile=profile).file() for profile in profiles)

    def with_threads(self, threads: int) -> Enhancer:
        """The same, for so many threads that call it at a time."""
        return dataclasses.replace(self, threads=threads)

    def free_memory(self) -> None:
        """Let the engine forget its intermediate results."""
        from sharpcli.inference.runtime import load_network

        for file in NetworkEnhancer.weight_files(self):
            load_network(file, self.threads).free_memory()

    def _network(self) -> Callable[[NDArray[Any]], NDArray[Any]]:
        from sharpcli.inference.runtime import load_network

        return load_network(self.file(), self.threads)

    def _doubled(self, pixels: NDArray[Any]) -> Self | None:
        """The same with the weights for exact enlargements, on the grid of an image that was enlarged so; else None."""
        from sharpcli.inference.upscale_detector import doubling

        phase = doubling(pixels)
        return None if phase is None else dataclasses.replace(self, profile=DOUBLED, phase=phase)

    def _general(self) -> Self:
        """The same with the profile for images that nothing is known about."""
        return dataclasses.replace(self, profile=self.profiles[0])

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """One file a profile."""
        return tuple(cls.folder / f"{cls.name}-{profile}.onnx" for profile in cls.profiles)


def profiles_in(folder: Path, name: str) -> tuple[str, ...]:
    """The profiles that a folder holds weights or cards of for the enhancer of that name, the most general first."""
    stems = {
        path.stem.removeprefix(f"{name}-") for path in folder.glob(f"{name}-*") if path.suffix in (".onnx", ".json")
    }
    # Another enhancer's name may begin with this one's, and INT8 weights lie beside the others.
    found = {stem for stem in stems if "-" not in stem}
    return tuple(profile for profile in (*GENERAL, *sorted(found - set(GENERAL))) if profile in found)


def _profile_option(profiles: tuple[str, ...]) -> Any:
    """The option `profile` with these choices; `auto` needs both that it chooses between.

    It is the default where it chooses between better ones than `photo`.
    """
    general = profiles[0]
    chooses = general in GENERAL and DOUBLED in profiles
    choices = (*profiles, AUTO) if chooses else profiles
    words = (f"{choice} = {MEANINGS[choice]}" if choice in MEANINGS else choice for choice in choices)
    meanings = ", ".join(words).format(general=general)
    default = AUTO if chooses and general == DEBLUR else general
    return option(default, f"degradation to undo: {meanings}", choices=choices)


class OnnxEnhancer(Enhancer):
    """Runs `file` on images in the form that its network wants; a subclass says which, and what any enhancer says.

    `color` is rgb, or luma for a network of one channel. A network that enlarges is given the small image that a
    soft one was enlarged from, see `native_scale.py`.
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
    threads: int = dataclasses.field(default=1, kw_only=True)
    """How many threads call it at a time, which share the cores then; changes no pixel."""

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels of the same shape and dtype; raises SharpError when the weights are missing or damaged."""
        import numpy as np

        from sharpcli.inference.native_scale import at_native_scale

        network = self._network()
        if pixels.dtype != np.uint8:
            return at_native_scale(pixels, self.scale, network)
        result = at_native_scale(np.divide(pixels, 255, dtype=np.float32), self.scale, network)
        levels: NDArray[Any] = np.rint(result * 255).clip(0, 255).astype(np.uint8)
        return levels

    def with_threads(self, threads: int) -> Enhancer:
        """The same, for so many threads that call it at a time."""
        return dataclasses.replace(self, threads=threads)

    def free_memory(self) -> None:
        """Let the engine forget its intermediate results."""
        self._network().free_memory()

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """The one file."""
        return (cls.file,)

    def _network(self) -> ForeignNetwork:
        from sharpcli.inference.generic import Form, load_foreign

        channels = 1 if self.color == "luma" else 3
        form = Form(self.layout, channels, self.order, self.peak, self.multiple, self.least)
        return load_foreign(self.file, form, self.threads)
