"""Runs an ONNX network that somebody else made."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.image.image import FloatPixels
from sharpcli.inference.engine import FrontEndManager, openvino
from sharpcli.inference.once import once
from sharpcli.inference.runtime import config, release
from sharpcli.plugin.cards import checked_card

Layout = Literal["nchw", "nhwc"]
Order = Literal["rgb", "bgr"]
Peak = Literal[1, 255]


class ForeignNetwork:
    """A network and the form of its images. Safe to call from several threads, of which `calls` are expected."""

    def __init__(self, path: Path, form: Form, threads: int = 1) -> None:
        model = read_model(path)
        channels = form.channels
        shape = [1, channels, -1, -1] if form.layout == "nchw" else [1, -1, -1, channels]
        try:
            model.reshape(openvino.PartialShape(shape))
            self._compiled = openvino.Core().compile_model(model, "CPU", config(threads))
        except RuntimeError as error:
            raise SharpError(
                f"{shown(path.name)} cannot be run on images of any size ({engine_message(error)})"
            ) from error
        self._form = form
        self._kind = np.dtype(model.input().element_type.to_dtype())
        self._requests = threading.local()

    def __call__(self, pixels: FloatPixels) -> FloatPixels:
        """Run on H x W x C in [0, 1], any size; returns (H x scale) x (W x scale) x C."""
        form = self._form
        height, width = pixels.shape[:2]
        bottom, right = (max(-(-side // form.multiple) * form.multiple, form.least) - side for side in (height, width))
        if bottom or right:
            pixels = np.pad(pixels, ((0, bottom), (0, right), (0, 0)), mode="edge")
        result = self.run(pixels)
        scale = len(result) // len(pixels)
        return result[: height * scale, : width * scale]

    def run(self, pixels: FloatPixels) -> FloatPixels:
        """Run on pixels of a size that suits the network, and return whatever comes out, as H x W x C.

        Raises RuntimeError when the engine cannot.
        """
        form = self._form
        values = pixels[..., ::-1] if form.order == "bgr" else pixels
        if form.peak != 1:
            values = values * np.float32(form.peak)
        if self._kind.kind == "u":
            values = np.rint(values).clip(0, form.peak)
        if form.layout == "nchw":
            values = values.transpose(2, 0, 1)
        given = np.ascontiguousarray(values, self._kind)[None]
        result: NDArray[Any] = self._request().infer({0: given}, share_inputs=True)[0][0]
        result = result.transpose(1, 2, 0) if form.layout == "nchw" else result
        result = result[..., ::-1] if form.order == "bgr" else result
        return np.ascontiguousarray(result, np.float32) / np.float32(form.peak)

    def free_memory(self) -> None:
        """Give back the memory of intermediate results, unless a thread is working on them."""
        release([self._compiled])

    def _request(self) -> Any:
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        return self._requests.own


@once(maxsize=16)
def load_foreign(path: Path, form: Form, threads: int = 1) -> ForeignNetwork:
    """The network of a file that is the one its card describes, loaded once per process; raises SharpError."""
    checked_card(path)
    return ForeignNetwork(path, form, threads)


def read_model(path: Path) -> Any:
    """The engine's model of an ONNX file; raises SharpError for what is none, or has what the engine does not know."""
    # By name, since the engine would else try other formats, and talk while it does.
    frontend = FrontEndManager().load_by_framework("onnx")
    try:
        return frontend.convert(frontend.load(str(path)))
    except Exception as error:  # of many kinds, which have no base of their own
        raise SharpError(f"{shown(path.name)} cannot be read as an ONNX file ({engine_message(error)})") from error


def engine_message(error: Exception) -> str:
    """The engine's message without the place in its source."""
    lines = [line.strip() for line in str(error).splitlines()]
    messages = [
        line for line in lines if line and not line.startswith(("Exception from", "Check '", "While validating"))
    ]
    return shown(messages[-1].lstrip("- ") if messages else type(error).__name__)[:200]


@dataclass(frozen=True)
class Form:
    """What has to be done to H x W x C pixels, float32 in [0, 1], for a network to know them, and undone afterwards."""

    layout: Layout = "nchw"
    """Whether channels come before rows and columns or after them."""
    channels: int = 3
    """3, or 1 for a network on luma."""
    order: Order = "rgb"
    peak: Peak = 1
    """What white is."""
    multiple: int = 1
    """Both sides must be multiples of it."""
    least: int = 1
    """And at least so many pixels."""
