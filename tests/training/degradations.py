"""Draws in which nothing happens but what a test asks for."""

import numpy as np
import torch

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.draw import Draw, draw

NOTHING = {
    "family": 0,
    "scale": 2.0,
    "twice_scale": 1.5,
    "sigma": 1.0,
    "exponent": 2.0,
    "radius": 1.0,
    "length": 3.0,
    "cubic_up": -0.5,
    "quality": 75.0,
    "quality_before": 75.0,
    "quality_first": 75.0,
}


def drawn(batch=1, **changes):
    """A draw for `batch` images with all off but the changes: a value for all of them, or one for each."""
    like = draw(batch, torch.Generator().manual_seed(0), torch.device("cpu"))
    values = {}
    for name in Draw.__dataclass_fields__:
        value = changes.get(name, NOTHING.get(name, 0))
        values[name] = torch.as_tensor(value, dtype=getattr(like, name).dtype).expand(batch).clone()
    return Draw(**values)


def through(image, **changes):
    """The image after a chain with these changes, as an array of the same shape."""
    levels = torch.from_numpy(np.atleast_3d(image).copy()).permute(2, 0, 1)[None].float()
    out = degrade(levels, drawn(**changes), torch.Generator().manual_seed(0))
    return out[0].permute(1, 2, 0).numpy().reshape(image.shape)
