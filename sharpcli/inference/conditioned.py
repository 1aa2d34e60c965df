"""Enhancers whose networks are told what an image went through, as found in it or as the user says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sharpcli.errors import SharpError
from sharpcli.inference.degradation import KINDS, Degradation
from sharpcli.inference.enhancers import AUTO, CALL, NetworkEnhancer
from sharpcli.plugin.cards import card_of, read_card
from sharpcli.plugin.enhancer import Cost, Enhancer, option

if TYPE_CHECKING:
    from numpy.typing import NDArray

FOUND = -1.0
"""The value of an option that is left to what is found in the image."""
CHOICES = ("auto", "none", *KINDS)
LIGHTS = {"linear": 1.0, "encoded": 0.0}
"""What a blur mixed, and the probability of linear light that this is."""
MARGIN = 16
"""Rows and columns mirrored around what a conditioned network is given; a multiple of every `tile_multiple`."""
SMALL_IMAGE = 250_000
"""Pixels up to which the vector is an input of the network, which takes longer to run then and is compiled once."""
LUMA_NOISE = 0.6685
"""How much of the noise of three independent channels is left in their BT.601 luma."""


class ConditionedEnhancer(NetworkEnhancer):
    """A NetworkEnhancer some of whose profiles have cards that say `conditioned`: these also take a degradation vector.

    The vector is estimated once for the whole image, so all tiles get the same one. With profile `auto` it decides as
    well whether the weights for exact enlargements suit the image.
    """

    kind: str = option("auto", "the blur to undo, for profile deblur: auto = as found in the image", choices=CHOICES)
    blur: float = option(
        FOUND, "size of that blur in pixels (sigma, radius or length), -1 = as found in the image", min=-1, max=12
    )
    noise: float = option(
        FOUND, "noise to remove, for profile deblur: standard deviation in 8-bit levels, -1 = as found", min=-1, max=30
    )
    light: str = option(
        "auto",
        "what that blur mixed: linear light as a lens does, or encoded levels as an editor does; auto = as found",
        choices=("auto", *LIGHTS),
    )
    vector: tuple[float, ...] | None = dataclasses.field(default=None, kw_only=True)
    """What the network is told of the image; None before it was looked at, and for profiles that take none."""
    words: str = dataclasses.field(default="", kw_only=True)
    """The same for people."""
    small: bool = dataclasses.field(default=False, kw_only=True)
    """Whether the image has so few pixels that a network of its own would take longer to compile than it saves."""

    @property
    def conditioned(self) -> bool:
        """Whether the network of this profile takes a degradation vector; the card says so."""
        return _takes_vector(super().file())

    def for_image(self, pixels: NDArray[Any]) -> Enhancer:
        """The same, told what the image went through; raises SharpError for options that the profile does not take.

        With profile `auto`, the one with the weights for exact enlargements where these suit the image and no option
        says what to undo.
        """
        said = [name for name in ("kind", "blur", "noise", "light") if getattr(self, name) not in ("auto", FOUND)]
        general = self._general() if self.profile == AUTO else self
        if said and (not general.conditioned or general.profile == CALL):
            raise SharpError(f"option {said[0]} has no effect with profile {self.profile}; add -O profile=deblur")
        if not general.conditioned:
            return super().for_image(pixels)
        told = general.degradation(pixels)
        exact = self._doubled(pixels) if self.profile == AUTO and not said else None
        # Of what was reduced by a box or without antialiasing, the weights for exact enlargements make stairs.
        if exact is not None and told.reduced_smoothly:
            return dataclasses.replace(exact, words="enlarged exactly 2 times")
        return general.told(told, pixels)

    def for_frames(self, pixels: NDArray[Any]) -> Enhancer:
        """The same as for an image; but so many frames pay for a network of their own, however small they are."""
        chosen = self.for_image(pixels)
        return dataclasses.replace(chosen, small=False) if isinstance(chosen, ConditionedEnhancer) else chosen

    def told(self, degradation: Degradation, pixels: NDArray[Any]) -> Self:
        """The same for H x W x C pixels that went through this."""
        # In the unit of the option `noise`: that of each channel.
        words = dataclasses.replace(degradation, noise=degradation.noise / _luma_noise(pixels)).describe()
        small = pixels.shape[0] * pixels.shape[1] <= SMALL_IMAGE
        return dataclasses.replace(self, vector=degradation.vector(), words=words, small=small)

    def finding(self) -> str:
        """What is undone: blur and its size, noise, enlargement, JPEG, as found or as the options say."""
        said = [super().finding(), f"undone: {self.words}" if self.words else ""]
        return "; ".join(part for part in said if part)

    def degradation(self, pixels: NDArray[Any]) -> Degradation:
        """What H x W x C pixels went through: what the options say of it, and for the rest what is found."""
        from sharpcli.inference.estimator import CALL_WEIGHTS, estimate

        if self.profile == CALL:
            return estimate(pixels, CALL_WEIGHTS).of_call()
        found = estimate(pixels).decided()
        size = None if self.blur == FOUND else self.blur
        if self.kind != "auto" or size is not None:
            likely = found.kind if found.kind != "none" else "gaussian"
            found = found.with_blur(self.kind if self.kind != "auto" else likely, size)
        if self.light != "auto":
            found = dataclasses.replace(found, linear=LIGHTS[self.light])
        if self.noise != FOUND:
            found = dataclasses.replace(found, noise=self.noise * _luma_noise(pixels))
        return found

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """Sharper pixels; those of an image that nothing happened to are returned as they are."""
        if self.vector is None and self.conditioned:
            return self.for_image(pixels).enhance(pixels)
        if self.vector is None:
            return super().enhance(pixels)
        if not any(self.vector):
            return pixels
        import numpy as np

        # Beyond an edge a convolution sees black, and undoing the blur of that edge would draw a frame.
        height, width = pixels.shape[:2]
        wide = np.pad(pixels, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="symmetric")
        return super().enhance(wide)[MARGIN : MARGIN + height, MARGIN : MARGIN + width]

    def free_memory(self) -> None:
        """Let the engine forget its intermediate results, those for single images too."""
        from sharpcli.inference.runtime import free_conditioned

        free_conditioned()
        super().free_memory()

    def weight_files(self) -> tuple[Path, ...]:
        """The network's file, and the estimator's where the network needs it."""
        from sharpcli.inference.estimator import CALL_WEIGHTS, WEIGHTS

        general = self._general() if self.profile == AUTO else self
        if not general.conditioned:
            return super().weight_files()
        return (*super().weight_files(), CALL_WEIGHTS if general.profile == CALL else WEIGHTS)

    def cost(self) -> Cost | None:
        """What the network's own card says; looking at an image costs about the same whatever its size."""
        card = card_of(self.file())
        return Cost(card.parameters, card.kmac_per_pixel) if self.profile != AUTO else None

    def _network(self) -> Callable[[NDArray[Any]], NDArray[Any]]:
        from sharpcli.inference.runtime import load_network

        if self.small and self.vector:
            return partial(load_network(self.file(), self.threads), vector=self.vector)
        return load_network(self.file(), self.threads, self.vector or ())


def _luma_noise(pixels: NDArray[Any]) -> float:
    """How much of each channel's noise is in the luma of H x W x C pixels."""
    return LUMA_NOISE if pixels.shape[2] == 3 else 1.0


@lru_cache(maxsize=32)
def _takes_vector(weights: Path) -> bool:
    """What the card says of its weights; read once, because every tile and every frame asks."""
    return weights.with_suffix(".json").is_file() and bool(read_card(weights).get("conditioned"))
