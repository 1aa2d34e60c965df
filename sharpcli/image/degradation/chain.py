"""What `degrade` puts images through, as one value."""

from __future__ import annotations

from dataclasses import dataclass

from sharpcli.errors import SharpError
from sharpcli.image.compression import through_jpeg, through_webp
from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.convolve import convolved
from sharpcli.image.degradation.noise import generator_of, noisy
from sharpcli.image.image import Pixels
from sharpcli.image.resample import degrade

MOST_SCALE = 16
MOST_NOISE = 100


@dataclass(frozen=True)
class Chain:
    """Degradations in a camera's order: blur, resampling, noise, compression; the default changes nothing.

    `linear` blurs in linear light; `down` and `up` are the kernels that shrink by `scale` and enlarge again, with JPEG
    of quality `small_jpeg` between them; `noise` is a standard deviation in 8-bit levels. Raises SharpError for
    values out of range and for what would have no effect.
    """

    blur: Blur | None = None
    linear: bool = False
    scale: float = 1.0
    down: str = "bicubic"
    up: str = "bicubic"
    small_jpeg: int | None = None
    noise: float = 0.0
    seed: int = 0
    jpeg: int | None = None
    webp: int | None = None

    def __post_init__(self) -> None:
        for name, value, least, most in (("scale", self.scale, 1, MOST_SCALE), ("noise", self.noise, 0, MOST_NOISE)):
            if not least <= value <= most:  # NaN is not either
                raise SharpError(f"--{name} must be {least} to {most}, not {value:g}")
        if self.linear and not self.blur:
            raise SharpError("--linear is about the blur; add --blur gaussian:1.2, for example")
        if self.scale == 1 and (self.small_jpeg or (self.down, self.up) != ("bicubic", "bicubic")):
            raise SharpError("--down, --up and --small-jpeg are about a smaller image; add --scale 2, for example")
        if self.jpeg and self.webp:
            raise SharpError("--jpeg and --webp cannot be combined; choose one, and degrade the result by the other")

    def __call__(self, pixels: Pixels, mode: str = "RGB") -> Pixels:
        """H x W x C of uint8 or uint16 after all of it, of the same shape and dtype.

        Raises ImageError for pixels that the compression cannot hold.
        """
        generator = generator_of(pixels, self.seed) if self.noise else None
        if self.blur:
            pixels = convolved(pixels, self.blur.kernel(), mode, self.linear)
        pixels = degrade(pixels, self.scale, mode, self.small_jpeg, self.down, self.up)
        if generator:
            pixels = noisy(pixels, self.noise, generator, mode)
        if self.jpeg:
            return through_jpeg(pixels, self.jpeg, mode)
        return through_webp(pixels, self.webp, mode) if self.webp else pixels
