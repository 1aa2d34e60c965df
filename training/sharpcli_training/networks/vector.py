"""The degradation vector: 29 numbers that say what an image went through, in the order that exported files expect."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

LAYOUT = (
    "gaussian",
    "disc",
    "motion",
    "sigma",
    "anisotropy_cos",
    "anisotropy_sin",
    "disc_radius",
    "motion_length",
    "motion_cos",
    "motion_sin",
    "linear_light",
    "resampled",
    "scale",
    "up_bicubic",
    "up_lanczos",
    "up_bilinear",
    "down_bicubic",
    "down_lanczos",
    "down_area",
    "down_aliased",
    "jpeg_before",
    "jpeg_before_loss",
    "noise",
    "noise_correlation",
    "sharpened",
    "jpeg",
    "jpeg_loss",
    "unknown",
    "exponent",
)
"""What each place says. Files in use depend on it: append, never reorder."""
LENGTH = len(LAYOUT)
AUDIBLE = 0.7
"""Noise (standard deviation in levels) below which its correlation cannot be told and is not said."""


@dataclass(frozen=True)
class Findings:
    """What batch of images went through, known or estimated; each field has a row per image.

    Yes-or-no fields are 0 or 1 when known and probabilities when estimated. Sizes are in pixels, noise in levels of
    0-255.
    """

    kinds: Tensor
    """N x 3: Gaussian, disc, motion."""
    sigma: Tensor
    anisotropy: Tensor
    """N x 2: log ratio of a Gaussian's axes times cosine and sine of twice its angle."""
    exponent: Tensor
    """Log of half a generalised Gaussian's exponent: 0 for a Gaussian, above for flatter tops and steeper flanks."""
    radius: Tensor
    length: Tensor
    direction: Tensor
    """N x 2: cosine and sine of twice a motion's angle."""
    linear: Tensor
    """Whether the blur mixed light instead of levels."""
    resampled: Tensor
    log_scale: Tensor
    """Twice the logarithm of the enlargement."""
    up: Tensor
    """N x 3: bicubic, Lanczos, bilinear."""
    down: Tensor
    """N x 4: bicubic, Lanczos, area, without antialiasing."""
    jpeg_before: Tensor
    """Whether JPEG came between shrinking and enlarging."""
    jpeg_before_loss: Tensor
    """(105 - quality) / 30."""
    noise: Tensor
    correlation: Tensor
    sharpened: Tensor
    jpeg: Tensor
    jpeg_loss: Tensor


def to_vector(found: Findings) -> Tensor:
    """The degradation vector, N x 29: zeros where nothing happened."""
    gaussian, disc, motion = found.kinds.unbind(1)
    travel = motion * found.length / 4
    places = [
        gaussian,
        disc,
        motion,
        gaussian * found.sigma,
        gaussian * found.anisotropy[:, 0],
        gaussian * found.anisotropy[:, 1],
        disc * found.radius / 2,
        travel,
        travel * found.direction[:, 0],
        travel * found.direction[:, 1],
        found.kinds.sum(1) * found.linear,
        found.resampled,
        found.resampled * found.log_scale,
        *(found.resampled[:, None] * found.up).unbind(1),
        *(found.resampled[:, None] * found.down).unbind(1),
        found.jpeg_before,
        found.jpeg_before * found.jpeg_before_loss,
        found.noise / 3,
        found.correlation * (found.noise > AUDIBLE),
        found.sharpened,
        found.jpeg,
        found.jpeg * found.jpeg_loss,
        torch.zeros_like(gaussian),
        gaussian * found.exponent,
    ]
    return torch.stack(places, 1)


def unknown_like(vector: Tensor) -> Tensor:
    """Vectors that say that nothing is known, N x 29."""
    blank = torch.zeros_like(vector)
    blank[:, LAYOUT.index("unknown")] = 1
    return blank
