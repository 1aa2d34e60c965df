"""Any network that spandrel can read (Real-ESRGAN, SPAN, SwinIR, ...) as an enhancer, from a file of the user's."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.plugin import Cost, Enhancer, SharpError, hookimpl, option

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from spandrel import ImageModelDescriptor

MODEL = "SHARPCLI_SPANDREL_MODEL"
"""Environment variable: the file to use where the option `model` gives none."""
AUTO = "auto"
SUFFIXES = (".pth", ".ckpt", ".safetensors")
"""Read without running what they say; a .pt may be a program."""
SIDE = 64
"""Of the image, in pixels, whose operations are counted."""

# Some architectures change themselves while they run, and one call uses all cores, or the graphics card, anyway.
LOCK = threading.Lock()


class Spandrel(Enhancer):
    """Works at the small size that an image was enlarged from, or on the image itself where the scale is 1."""

    name = "spandrel"
    summary = (
        "any network that spandrel can load (Real-ESRGAN, SPAN, SwinIR, ...), from your own .pth or .safetensors file"
    )
    bytes_per_pixel = 900
    model: str = option(
        os.environ.get(MODEL, ""), f"path of the .pth or .safetensors file (or set {MODEL})", kind="path"
    )
    processor: str = option(AUTO, "auto = the GPU if there is one", choices=(AUTO, "cpu", "cuda"))

    def weight_files(self) -> tuple[Path, ...]:
        """The network's file; raises SharpError where there is none."""
        file = Path(self.model).expanduser()
        if not (self.model and file.is_file()):
            wrong = f"finds no file {self.model!r}" if self.model else "needs the file of a network"
            raise SharpError(f"enhancer spandrel {wrong}; give one with -O model=FILE.pth, or in {MODEL}")
        return (file,)

    def for_this_machine(self) -> Spandrel:
        """The same with the processor that this machine has, where that was left open; raises SharpError."""
        import torch

        there = torch.cuda.is_available()
        if self.processor == "cuda" and not there:
            raise SharpError("PyTorch finds no graphics card for CUDA here; leave -O processor=cuda out")
        return self if self.processor != AUTO else replace(self, processor="cuda" if there else "cpu")

    def device(self) -> str:
        """As PyTorch names it."""
        return "cuda:0" if self.for_this_machine().processor == "cuda" else "cpu"

    def cost(self) -> Cost | None:
        """Of the network alone, without what recovers the small image; None before a file is given."""
        if not self.model:
            return None
        import numpy as np
        from torch.utils.flop_counter import FlopCounterMode

        network = self._network()
        with FlopCounterMode(display=False) as counted:
            result = _enlarged(np.zeros((SIDE, SIDE, 3), np.float32), network)
        parameters = sum(one.numel() for one in network.model.parameters())
        return Cost(parameters, counted.get_total_flops() / 2 / 1000 / (result.shape[0] * result.shape[1]))

    def enhance(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """What the network makes; raises SharpError for a file that is no network from image to image."""
        from sharpcli.inference import at_native_scale

        network = self._network()
        return at_native_scale(pixels, network.scale, partial(_enlarged, network=network))

    def free_memory(self) -> None:
        """Let go of the networks."""
        with LOCK:
            _loaded.cache_clear()

    def _network(self) -> ImageModelDescriptor[Any]:
        (file,) = self.weight_files()
        with LOCK:
            return _loaded(file, self.device(), file.stat().st_mtime_ns)


def _enlarged(small: NDArray[Any], network: ImageModelDescriptor[Any]) -> NDArray[Any]:
    """What a network makes of h x w x 3 float32 in [0, 1]; one for grey is given each channel by itself."""
    import numpy as np
    import torch

    # A copy, because PyTorch knows no array that must not be written to.
    whole = torch.from_numpy(np.array(small)).permute(2, 0, 1)[None].to(network.device)
    planes = torch.split(whole, network.input_channels, dim=1)
    try:
        with LOCK:
            # A network's demands on the size are met by spandrel; bringing the result back waits for the card.
            result = torch.cat([network(one) for one in planes], dim=1)[0].permute(1, 2, 0).cpu()
    except torch.OutOfMemoryError as error:
        wrong = f"the graphics card has too little memory for {small.shape[1]}x{small.shape[0]} pixels"
        raise SharpError(f"{wrong}; give -O processor=cpu, or a smaller image") from error
    return np.ascontiguousarray(result.numpy())


@lru_cache(maxsize=2)
def _loaded(file: Path, device: str, changed: int) -> ImageModelDescriptor[Any]:
    """The network in a file that was last changed at that time; raises SharpError."""
    from spandrel import ImageModelDescriptor, ModelLoader, UnsupportedModelError

    name = repr(file.name)
    if file.suffix.lower() not in SUFFIXES:
        raise SharpError(f"{name} is none of {', '.join(SUFFIXES)}; give weights in one of these forms")
    try:
        network = ModelLoader(device).load_from_file(file)
    except UnsupportedModelError as error:
        raise SharpError(f"{name} is of no architecture that spandrel knows; give another network") from error
    except Exception as error:  # what a damaged file makes its readers raise is of every kind
        reason = " ".join(str(error).split())[:200]
        raise SharpError(f"{name} holds no weights that spandrel can load ({reason}); give another file") from error
    if not isinstance(network, ImageModelDescriptor):
        raise SharpError(f"{name} ({network.architecture.name}) wants more than an image; give another network")
    channels = network.input_channels, network.output_channels
    if channels not in ((1, 1), (3, 3)):
        raise SharpError(
            f"{name} makes {channels[1]} channels of {channels[0]}; give one from grey to grey or RGB to RGB"
        )
    return network.eval()


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """One enhancer for every such network."""
    return [Spandrel]
