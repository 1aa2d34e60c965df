"""Takes weights of an exported network to start from."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import pad, pixel_unshuffle

from sharpcli.errors import SharpError

SHIPPED = ("sharpcli_teacher", "sharpcli_student", "sharpcli.inference")
"""Packages that come with weights."""
MLP, LAYER = re.compile(r"mlp(\d)\.(weight|bias)"), re.compile(r"(weight|bias)(\d)")
"""Names in the files of conditioned students."""


@torch.no_grad()
def take_weights(network: nn.Module, name: str) -> int:
    """Give `network` every tensor of an ONNX file that it has by the same name and shape; returns how many.

    `name` is a file, or that of shipped weights. Residual blocks that the file lacks begin with a tenth of their
    weights once more, so that they change little at first. Raises SharpError when nothing fits.
    """
    import onnx
    from onnx import numpy_helper

    path = weights_file(name)
    try:
        tensors = onnx.load(path).graph.initializer
    except Exception as error:  # protobuf's own, which is not public
        raise SharpError(f"{path} cannot be read as ONNX") from error
    arrays = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in tensors}
    given = dict(_own(name, values) for name, values in arrays.items())
    own = network.state_dict()
    given = {key: _grown(values, own[key]) for key, values in given.items() if key in own}
    taken = [key for key in given if own[key].shape == given[key].shape]
    if not taken:
        raise SharpError(f"{path} has no weights that fit")
    for key in taken:
        own[key].copy_(given[key])
    for key, value in own.items():
        if key.startswith("trunk.") and key.endswith("second.weight") and key not in taken:
            value.mul_(0.1)
    return len(taken)


def _grown(values: Tensor, own: Tensor) -> Tensor:
    """Of a linear layer, as large as the network's own: the vector, and what is estimated of it, grow at their end."""
    more = [large - small for large, small in zip(own.shape, values.shape, strict=False)]
    if values.dim() != own.dim() or values.dim() > 2 or min(more, default=0) < 0:
        return values
    return pad(values, [count for extra in reversed(more) for count in (0, extra)])


def take_all_weights(network: nn.Module, name: str) -> None:
    """Like `take_weights`, but a parameter that the file does not give raises SharpError."""
    wanted = len(list(network.parameters()))
    if take_weights(network, name) < wanted:
        raise SharpError(f"{name} is of another shape than this plan's {name}")


def _own(name: str, values: Tensor) -> tuple[str, Tensor]:
    """A tensor of an exported file by the name and in the shape that its network has."""
    name = name.removesuffix(".half")
    if match := MLP.fullmatch(name):
        return f"mlp.{match[1]}.{match[2]}", values
    if match := LAYER.fullmatch(name):
        # The first layer is exported as one 6x6 convolution of stride 2 on the image itself.
        if values.dim() == 4 and values.shape[2:] == (6, 6):
            values = pixel_unshuffle(values, 2)
        return f"convs.{match[2]}.{match[1]}", values
    return name, values


def weights_file(name: str) -> Path:
    """The ONNX file of that path or of that shipped name; raises SharpError when there is none."""
    if Path(name).is_file():
        return Path(name)
    # The plugins are found and not imported: they would bring an inference engine along.
    for package in SHIPPED:
        found = find_spec(package)
        for folder in (found.submodule_search_locations or []) if found else []:
            path = Path(folder) / "weights" / f"{name}.onnx"
            if path.is_file():
                return path
    raise SharpError(f"{name} is neither a file nor the name of shipped weights")
