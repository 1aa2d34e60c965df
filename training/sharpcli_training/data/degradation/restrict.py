"""Restricts draws to one degradation, for networks that know nothing else."""

from __future__ import annotations

from dataclasses import replace

import torch

from sharpcli_training.data.degradation.draw import FAMILIES, KINDS, Draw

X2 = "x2"
"""Halved and doubled by bicubic resampling, as super-resolution is measured."""
ONLY = (*KINDS, X2)


def restricted(draw: Draw, only: str) -> Draw:
    """The draw with every image through `only`, a kind of blur or `x2`.

    Blurred images keep their noise, sharpening and JPEG. `x2` has none: both kernels are bicubic with slope -0.5 on
    aligned grids.
    """
    if not only:
        return draw
    yes, no = torch.ones_like(draw.blur), torch.zeros_like(draw.blur)
    if only in KINDS:
        kind = torch.full_like(draw.kind, KINDS.index(only))
        family = torch.full_like(draw.family, FAMILIES.index("blur"))
        soft = torch.where(kind == draw.kind, draw.soft, torch.zeros_like(draw.soft))
        return replace(draw, family=family, blur=yes, kind=kind, soft=soft, resample=no, jpeg_before=no, twice=no)
    none = torch.zeros_like(draw.noise)
    return replace(
        draw,
        family=torch.full_like(draw.family, FAMILIES.index("resampled")),
        blur=no,
        linear=no,
        resample=yes,
        scale=torch.full_like(draw.scale, 2),
        phase_y=draw.phase_y.floor() % 2,
        phase_x=draw.phase_x.floor() % 2,
        down=torch.zeros_like(draw.down),
        up=torch.zeros_like(draw.up),
        cubic_up=torch.full_like(draw.cubic_up, -0.5),
        jpeg_before=no,
        twice=no,
        noise=none,
        shot=none,
        correlation=none,
        sharpen=none,
        recompressed=no,
        jpeg=no,
    )
