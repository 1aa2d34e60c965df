"""Runs an ONNX network; the only file that knows the inference engine."""

from __future__ import annotations

import hashlib
import json
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import openvino
from numpy.typing import NDArray

from sharpcli.errors import SharpError

FloatPixels = NDArray[np.float32]


class Network:
    """A network with its card. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        self.card: dict[str, Any] = read_card(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != self.card["sha256"]:
            raise SharpError(f"weights file {path} is not the one its card describes; install sharpcli again")
        # float32 is asked for: on processors with bfloat16 the engine would else round to it without a word.
        config = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        self._model = openvino.Core().compile_model(path, "CPU", config)
        self._requests = threading.local()

    def __call__(self, pixels: FloatPixels) -> FloatPixels:
        """Run on float32 H x W x C in [0, 1], any size; edges are repeated up to the multiple the network needs."""
        height, width = pixels.shape[:2]
        align = int(self.card["align"])
        padded = np.pad(pixels, ((0, -height % align), (0, -width % align), (0, 0)), mode="edge")
        if not hasattr(self._requests, "own"):
            self._requests.own = self._model.create_infer_request()
        planes = np.ascontiguousarray(padded.transpose(2, 0, 1))[None]
        result = self._requests.own.infer({0: planes}, share_inputs=True)[0]
        # A copy: the engine owns the memory of its output and reuses it in the next call.
        copied: FloatPixels = result[0, :, :height, :width].transpose(1, 2, 0).copy()
        return copied


def read_card(path: Path) -> dict[str, Any]:
    """The JSON card beside a weights file; raises SharpError when either is missing."""
    card = path.with_suffix(".json")
    for file in (path, card):
        if not file.is_file():
            raise SharpError(f"weights file {file} is missing; install sharpcli again")
    content: dict[str, Any] = json.loads(card.read_text())
    return content


@lru_cache(maxsize=16)
def load_network(path: Path) -> Network:
    """The network of a file, loaded once per process; raises SharpError."""
    return Network(path)
