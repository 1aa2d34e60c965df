"""What a chain of degradations does to an image, in the words that conditioned networks are told it in."""

import math
from dataclasses import replace

from sharpcli.image.degradation.chain import Chain
from sharpcli.inference.conditioned import LUMA_NOISE
from sharpcli.inference.degradation import DOWN_FILTERS, UP_FILTERS, Degradation

DOWN = {"box": "area", "bilinear": "area"}
"""Kernels that the networks know by another name where they shrink an image."""


def true_degradation(chain: Chain) -> Degradation:
    """What a chain does to an RGB image; of WebP and of kernels that the networks do not know nothing is said."""
    truth = Degradation(noise=chain.noise * LUMA_NOISE)
    if chain.blur:
        # The networks count angles clockwise, as rows count downwards.
        turn = -2 * math.radians(chain.blur.angle)
        truth = replace(
            truth.with_blur(chain.blur.kind, chain.blur.size),
            direction=(math.cos(turn), math.sin(turn)),
            linear=float(chain.linear),
        )
    if chain.scale != 1:
        down = tuple(float(DOWN.get(chain.down, chain.down) == name) for name in DOWN_FILTERS)
        up = tuple(float(chain.up == name) for name in UP_FILTERS)
        truth = replace(truth, resampled=1.0, log_scale=math.log(chain.scale), down=down, up=up)
    if chain.small_jpeg:
        truth = replace(truth, early_jpeg=1.0, early_quality=float(chain.small_jpeg))
    if chain.jpeg:
        truth = replace(truth, jpeg=1.0, quality=float(chain.jpeg))
    return truth
