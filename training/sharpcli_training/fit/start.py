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
BIAS = re.compile(r"(stack\.\d+)\.bias")
"""Of a plain student's layer; its kernel has a name that the exporter made up."""


def take_weights(network: nn.Module, name: str) -> int:
    """Give `network` every tensor of an ONNX file that it has by the same name and shape; returns how many.

    `name` is a file, or that of shipped weights. Residual blocks that the file lacks begin with a tenth of their
    weights once more, so that they change little at first. Raises SharpError when nothing fits, and for INT8 files.
    """
    return len(_take(network, name))


def take_all_weights(network: nn.Module, name: str) -> None:
    """Like `take_weights`, but a parameter that the file does not give raises SharpError."""
    taken = _take(network, name)
    missing = [key for key, _ in network.named_parameters() if key not in taken]
    if missing:
        raise SharpError(f"{name} has layers of another shape than the network to start: its {missing[0]} does not fit")


@torch.no_grad()
def _take(network: nn.Module, name: str) -> set[str]:
    path = weights_file(name)
    own = network.state_dict()
    given = {key: _grown(key, values, own[key]) for key, values in _read(path).items() if key in own}
    taken = {key for key in given if own[key].shape == given[key].shape}
    if not taken:
        raise SharpError(f"{path} has no weights that fit; give those of a network of the same kind and size")
    for key in taken:
        own[key].copy_(given[key])
    for key, value in own.items():
        if key.startswith("trunk.") and key.endswith("second.weight") and key not in taken:
            value.mul_(0.1)
    return taken


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors of an exported file, by the names and in the shapes that its network has."""
    import onnx
    from onnx import TensorProto, numpy_helper

    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf's own, which is not public
        raise SharpError(f"{path} cannot be read as ONNX") from error
    if any(one.data_type == TensorProto.INT8 for one in graph.initializer):
        raise SharpError(f"{path} has weights of 8 bits; start from the FP32 file it was made from")
    convs = (node.input for node in graph.node if node.op_type == "Conv" and len(node.input) == 3)
    kernels = {kernel: BIAS.fullmatch(bias) for _, kernel, bias in convs}
    given = {}
    for one in graph.initializer:
        values, key = torch.from_numpy(numpy_helper.to_array(one).copy()), one.name.removesuffix(".half")
        if layer := kernels.get(key):
            given[f"{layer[1]}.weight"] = values.flatten(1)
        else:
            key, values = _own(key, values)
            given[key] = values
    return given


def _grown(key: str, values: Tensor, own: Tensor) -> Tensor:
    """Of a linear layer, as large as the network's own: the vector, and what is estimated of it, grow at their end."""
    if key.startswith("stack."):  # matrices too, and of a fixed size
        return values
    more = [large - small for large, small in zip(own.shape, values.shape, strict=False)]
    if values.dim() != own.dim() or values.dim() > 2 or min(more, default=0) < 0:
        return values
    return pad(values, [count for extra in reversed(more) for count in (0, extra)])


def _own(name: str, values: Tensor) -> tuple[str, Tensor]:
    """A tensor of an exported file by the name and in the shape that its network has."""
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
    raise SharpError(f"{name} is neither a file nor the name of shipped weights, such as teacher-x2")
