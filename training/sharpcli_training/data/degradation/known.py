"""Draws of degradations that happened before, from what a pack says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import torch

from sharpcli_training.data.degradation.draw import Draw, draw

NOTHING = {"exponent": 2.0, "sigma": 1.0, "radius": 1.0, "length": 1.0, "scale": 1.0}
"""What has a logarithm, where nothing of it happened; everything else is 0 then."""


def known_draws(each: Sequence[Mapping[str, float]], device: torch.device) -> Draw:
    """A draw of as many rows as there are mappings from fields of `Draw`; what is not said did not happen."""
    like = draw(1, torch.Generator(), torch.device("cpu"))
    values = {one.name: [said.get(one.name, NOTHING.get(one.name, 0)) for said in each] for one in fields(Draw)}
    return Draw(
        **{name: torch.tensor(rows, dtype=getattr(like, name).dtype, device=device) for name, rows in values.items()}
    )
