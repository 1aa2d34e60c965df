"""Takes weights of an exported network to start from."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import nn

from sharpcli.errors import SharpError

SHIPPED = ("sharpcli_teacher", "sharpcli_student")


@torch.no_grad()
def take_weights(network: nn.Module, name: str) -> int:
    """Give `network` every tensor of an ONNX file that it has by the same name and shape; returns how many.

    `name` is a file, or that of shipped weights. Residual blocks that the file lacks begin with a tenth of their
    weights once more, so that they change little at first. Raises SharpError when nothing fits.
    """
    import onnx
    from onnx import numpy_helper

    path = _file(name)
    try:
        tensors = onnx.load(path).graph.initializer
    except Exception as error:  # protobuf's own, which is not public
        raise SharpError(f"{path} cannot be read as ONNX") from error
    given = {one.name.removesuffix(".half"): torch.from_numpy(numpy_helper.to_array(one).copy()) for one in tensors}
    own = network.state_dict()
    taken = [key for key in given if key in own and own[key].shape == given[key].shape]
    if not taken:
        raise SharpError(f"{path} has no weights that fit")
    for key in taken:
        own[key].copy_(given[key])
    for key, value in own.items():
        if key.startswith("trunk.") and key.endswith("second.weight") and key not in taken:
            value.mul_(0.1)
    return len(taken)


def _file(name: str) -> Path:
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
