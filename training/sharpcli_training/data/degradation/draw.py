"""Draws what each crop goes through, from a generator alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from sharpcli_training.data.degradation.constants import constant
from sharpcli_training.data.degradation.uniforms import Uniforms

FAMILIES = ("sharp", "sharp_jpeg", "touched", "blur", "resampled", "both", "noise")
"""What happened to a crop in one word; `touched` is blur, noise or resampling that one hardly sees."""
SHARES = (0.05, 0.09, 0.06, 0.36, 0.28, 0.07, 0.09)
KINDS = ("gaussian", "disc", "motion")
WHOLE_SCALES = (1.5, 2.0, 2.0, 3.0, 4.0)
"""Enlargements that tools and web pages use; half of the draws come from here."""
LARGEST_SCALE = 4.0
TWICE_SCALES = (1.25, 2.0)
"""Between these an image that is resampled twice is enlarged or reduced, before it goes back."""


@dataclass(frozen=True)
class Draw:
    """Parameters of a batch of degradations, each a tensor of shape (batch,); sizes in pixels, noise in levels."""

    family: Tensor
    """Index into FAMILIES."""
    blur: Tensor
    kind: Tensor
    """Index into KINDS; means nothing without `blur`."""
    sigma: Tensor
    anisotropy: Tensor
    """Logarithm of the ratio of a Gaussian's axes, halved."""
    exponent: Tensor
    """Of a generalised Gaussian: 2 for a Gaussian, less for longer tails, more for a flatter top."""
    theta: Tensor
    """Angle of an anisotropic Gaussian or of a motion, in radians."""
    radius: Tensor
    length: Tensor
    soft: Tensor
    """Sigma of the Gaussian that softens a disc or a motion."""
    linear: Tensor
    """Whether the blur mixes light instead of levels."""
    resample: Tensor
    scale: Tensor
    """In float64, or what falls on a half would not fall where Pillow's does."""
    phase_y: Tensor
    phase_x: Tensor
    """Where the coarse grid starts, in pixels."""
    down: Tensor
    """0 bicubic, 1 Lanczos, 2 area (box or triangle), 3 without antialiasing."""
    box: Tensor
    """Of area: a box. Without antialiasing: bicubic instead of bilinear."""
    cubic_up: Tensor
    """Slope of the bicubic kernel that enlarges."""
    up: Tensor
    """0 bicubic, 1 Lanczos, 2 bilinear."""
    jpeg_before: Tensor
    quality_before: Tensor
    twice: Tensor
    """Whether it was resampled once more and back, like a screenshot of a page. Networks are not told."""
    twice_scale: Tensor
    """Over one for a reduction, below for an enlargement; in float64, as `scale`."""
    twice_bilinear: Tensor
    """Bilinear instead of bicubic."""
    noise: Tensor
    """Standard deviation of what is added to luma."""
    shot: Tensor
    """Share of the noise's variance that follows the light."""
    correlation: Tensor
    """Sigma of the Gaussian that the noise is seen through."""
    color_noise: Tensor
    """Whether each channel of an RGB image has noise of its own."""
    sharpen: Tensor
    """Amount of unsharp masking that a camera did."""
    recompressed: Tensor
    """Whether the image was a JPEG, on another grid, before its last JPEG."""
    quality_first: Tensor
    jpeg: Tensor
    quality: Tensor
    coded: Tensor
    """0 not, 1 as WebP, 2 as a frame of a video: beforehand, as no tensor code does it."""

    def of(self, index: Tensor) -> Draw:
        """The degradations of these images alone."""
        return Draw(**{name: values[index] for name, values in vars(self).items()})


def draw(batch: int, generator: torch.Generator, device: torch.device) -> Draw:
    """Parameters of `batch` degradations."""
    uniforms = Uniforms(batch, generator, device)
    family = uniforms.pick(*SHARES)
    touch = uniforms.unit()
    touched = family == FAMILIES.index("touched")
    both = family == FAMILIES.index("both")
    processed = family >= FAMILIES.index("blur")
    blur = _blur(uniforms, touched, both)
    blurred = (family == FAMILIES.index("blur")) | both | (touched & (touch < 0.45))
    linear = blurred & uniforms.chance(0.5)
    resample = (family == FAMILIES.index("resampled")) | both | (touched & (touch > 0.8))
    resampling = _resampling(uniforms, touched, resample)
    noise = _noise(uniforms, family, touched & (touch >= 0.45) & (touch <= 0.8))
    none = torch.zeros(batch, device=device)
    sharpen = torch.where(processed & uniforms.chance(0.05), uniforms.span(0.2, 0.9), none)
    jpeg = (family == FAMILIES.index("sharp_jpeg")) | (processed & uniforms.chance(0.34))
    quality = uniforms.span(40, 97).round()
    recompressed = jpeg & uniforms.chance(0.15)
    return Draw(
        family=family,
        blur=blurred,
        linear=linear,
        resample=resample,
        sharpen=sharpen,
        jpeg=jpeg,
        quality=quality,
        recompressed=recompressed,
        quality_first=uniforms.span(50, 97).round(),
        coded=torch.zeros_like(family),
        **blur,
        **resampling,
        **noise,
        **_twice(uniforms, resample & ~touched),
    )


def _blur(uniforms: Uniforms, touched: Tensor, both: Tensor) -> dict[str, Tensor]:
    kind = uniforms.pick(0.46, 0.31, 0.23)
    # An enlarged image that is blurred as well was out of focus; strong blur before a reduction is no longer seen.
    kind = torch.where(touched | (both & (kind == 2)), 0, kind)
    sigma = uniforms.log_span(0.4, 3.2)
    sigma = torch.where(touched, uniforms.span(0.2, 0.45), sigma)
    sigma = torch.where(both, sigma.clamp(max=2.0), sigma)
    none = torch.zeros_like(sigma)
    anisotropy = torch.where(uniforms.chance(0.3), uniforms.span(-0.5, 0.5), none) * ~touched
    exponent = torch.where(uniforms.chance(0.3) & ~touched, uniforms.log_span(0.9, 5.0), torch.full_like(sigma, 2.0))
    # What has tails longer than a kernel's side would be another blur than it is said to be.
    sigma = torch.where(exponent < 2, sigma.clamp(max=2.2), sigma)
    theta = uniforms.unit() * math.pi
    radius = uniforms.log_span(0.7, 4.6)
    radius = torch.where(both, radius.clamp(max=2.5), radius)
    length = uniforms.span(2, 11.5)
    of_disc = torch.where(uniforms.chance(0.3), uniforms.span(0.2, 0.5), none)
    of_motion = torch.where(uniforms.chance(0.4), uniforms.span(0.25, 0.8), none)
    soft = torch.where(kind == 1, of_disc, torch.where(kind == 2, of_motion, none))
    return {
        "kind": kind,
        "sigma": sigma,
        "anisotropy": anisotropy,
        "exponent": exponent,
        "theta": theta,
        "radius": radius,
        "length": length,
        "soft": soft,
    }


def _resampling(uniforms: Uniforms, touched: Tensor, resample: Tensor) -> dict[str, Tensor]:
    scales = constant(WHOLE_SCALES, uniforms.device)
    usual = scales[(uniforms.unit() * len(WHOLE_SCALES)).long().clamp(max=len(WHOLE_SCALES) - 1)]
    whole = uniforms.chance(0.5)
    scale = torch.where(whole, usual, uniforms.log_span(1.25, LARGEST_SCALE))
    scale = torch.where(touched, uniforms.span(1.02, 1.25), scale)
    aligned = whole & (usual != 1.5) & ~touched
    phase_y, phase_x = uniforms.unit() * scale, uniforms.unit() * scale
    down = uniforms.pick(0.42, 0.12, 0.32, 0.14)
    box = uniforms.chance(0.6)
    cubic_up = torch.where(uniforms.chance(0.3), -0.75, -0.5)
    up = uniforms.pick(0.58, 0.16, 0.26)
    return {
        "scale": scale.double(),
        "phase_y": torch.where(aligned, phase_y.floor(), phase_y),
        "phase_x": torch.where(aligned, phase_x.floor(), phase_x),
        "down": down,
        "box": box,
        "cubic_up": cubic_up,
        "up": up,
        "jpeg_before": resample & ~touched & uniforms.chance(0.33),
        "quality_before": uniforms.span(42, 97).round(),
    }


def _noise(uniforms: Uniforms, family: Tensor, touched: Tensor) -> dict[str, Tensor]:
    """`touched` says which of the hardly touched ones got noise."""
    alone = family == FAMILIES.index("noise")
    size = uniforms.unit().square()
    deviation = torch.where(alone, 0.8 + 11 * size, 0.3 + 9 * size)
    deviation = torch.where(touched, uniforms.span(0.3, 1.5), deviation)
    noisy = ((family >= FAMILIES.index("blur")) & uniforms.chance(0.42)) | alone | touched
    none = torch.zeros_like(deviation)
    return {
        "noise": torch.where(noisy, deviation, none),
        "shot": torch.where(uniforms.chance(0.4), uniforms.unit(), none),
        "correlation": torch.where(noisy & uniforms.chance(0.3), uniforms.span(0.35, 0.9), none),
        "color_noise": uniforms.chance(0.7),
    }


def _twice(uniforms: Uniforms, among: Tensor) -> dict[str, Tensor]:
    factor = uniforms.log_span(*TWICE_SCALES).double()
    return {
        "twice": among & uniforms.chance(0.15),
        "twice_scale": torch.where(uniforms.chance(0.5), factor, 1 / factor),
        "twice_bilinear": uniforms.chance(0.5),
    }
