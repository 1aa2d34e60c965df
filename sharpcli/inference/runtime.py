"""Runs an ONNX network of our own."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.image.image import BT601, GRAIN, padded
from sharpcli.inference.engine import openvino, ops
from sharpcli.inference.once import once
from sharpcli.measure.cores import cores
from sharpcli.plugin.cards import checked_card

# float32 is asked for: on processors with bfloat16 the engine would else round to it without a word.
CONFIG = {"INFERENCE_PRECISION_HINT": "f32"}
# The engine's Python layer fills its table of dtypes on first use, and two threads that meet there wait for each
# other for ever, one of them with Python's global lock in hand (OpenVINO 2026.4). Only one thread imports a module.
openvino.Type.u8.to_dtype()
_CONDITIONED: OrderedDict[tuple[Path, int, tuple[float, ...]], Network] = OrderedDict()
"""Networks that were told of an image, the latest last."""
_CHANGING = threading.Lock()
LIVE, LIGHT = 3, 1_000_000
"""Networks kept beyond one a thread, if their files have fewer bytes than that, else one: two steps of a live stream's
ladder, and the one that a look at it asks for."""
SHAPES, PIXELS = 4, 2_500_000
"""How many image sizes may have a compilation of their own at a time, and of how many pixels together, if they are
several: each keeps memory for its intermediate results."""


class Network:
    """A network with its card. Safe to call from several threads, of which `threads` are expected to at a time.

    A conditioned network is told of an image by `vector`, which is folded into its weights, or else at each call.
    """

    def __init__(self, path: Path, threads: int = 1, vector: tuple[float, ...] = ()) -> None:
        self.card: dict[str, Any] = checked_card(path)
        if lacking := [name for name in ("tile_multiple", "color") if name not in self.card]:
            raise SharpError(f"the card of {shown(path.name)} must state {' and '.join(lacking)}")
        self._length = int(self.card.get("conditioned") or 0)
        self._vector = vector
        self._path, self._config = path, config(threads)
        self._lock = threading.Lock()
        self._flexible: dict[tuple[type, int], Any] = {}
        self._fitted: OrderedDict[tuple[type, tuple[int, ...]], Any] = OrderedDict()
        self._last: tuple[type, tuple[int, ...]] | None = None
        self._requests = threading.local()

    def __call__(self, pixels: NDArray[Any], vector: tuple[float, ...] = ()) -> NDArray[Any]:
        """Run on H x W x C, uint8 or float32 in [0, 1], any size; returns the same shape and dtype.

        `vector` is for a conditioned network that was not told before; without it, nothing happened to the image.
        C is 1 or 3 for a luma network, which adds its change of luma to every channel, and 3 for an RGB one. Edges are
        repeated up to the multiple the network needs.
        """
        height, width = pixels.shape[:2]
        pixels = padded(pixels, int(self.card["tile_multiple"]))
        request = self._request(pixels)
        inputs = {0: np.ascontiguousarray(pixels)[None]}
        if self._asks:
            inputs[1] = self._told(vector)
        result: NDArray[Any] = request.infer(inputs, share_inputs=True)[0][0]
        return result[:height, :width]

    def free_memory(self) -> None:
        """Give back the memory of intermediate results, save those that a thread is working on."""
        with self._lock:
            release([*self._flexible.values(), *self._fitted.values()])

    @property
    def _asks(self) -> bool:
        """Whether it is told of an image at each call."""
        return self._length > 0 and not self._vector

    def _told(self, vector: tuple[float, ...]) -> NDArray[np.float32]:
        """The second input of a conditioned network."""
        return np.array([vector or (0.0,) * self._length], np.float32)

    def _request(self, pixels: NDArray[Any]) -> Any:
        """The calling thread's request of the compilation that suits these pixels."""
        kind, shape = pixels.dtype.type, pixels.shape
        with self._lock:
            # Compiling for one size takes as long as running a few images and makes each faster, so a size has to
            # come twice in a row to be worth it.
            # Only a luma network: one of RGB gains nothing, and its convolutions would add in another order, as would
            # those of a network that is told of each image.
            again = self._last == (kind, shape) and self.card["color"] == "luma" and not self._asks
            if (kind, shape) not in self._fitted and again:
                self._make_room(shape)
                self._fitted[kind, shape] = self._compile(kind, shape)
            self._last = (kind, shape)
            compiled = self._fitted.get((kind, shape)) or self._flexible.get((kind, shape[2]))
            if compiled is None:
                compiled = self._flexible[kind, shape[2]] = self._compile(kind, (-1, -1, shape[2]))
        if getattr(self._requests, "compiled", None) is not compiled:
            self._requests.compiled, self._requests.own = compiled, compiled.create_infer_request()
        return self._requests.own

    def _make_room(self, shape: tuple[int, ...]) -> None:
        """Let go of what the compilation for another size, the latest to come, makes up for."""
        release(self._flexible.values())
        while self._fitted:
            pixels = sum(height * width for _, (height, width, _) in self._fitted) + shape[0] * shape[1]
            if len(self._fitted) < SHAPES and pixels <= PIXELS:
                break
            self._fitted.popitem(last=False)

    def _compile(self, kind: type, shape: tuple[int, ...]) -> Any:
        """The network from and to H x W x C pixels of a dtype, as one graph, so that all of it runs on all cores."""
        core = openvino.Core()
        network = core.read_model(self._path)
        whole = kind is np.uint8
        pixels = ops.parameter([1, *shape], openvino.Type.u8 if whole else openvino.Type.f32)
        unit = np.float32(1 / 255) if whole else np.float32(1)
        # One plane a channel, split while they are still bytes: of the ways to say this, the engine's fastest.
        planes = ops.transpose(pixels, np.array([0, 3, 1, 2]))
        if self.card["color"] == "luma" and shape[2] == 3:
            parts = [ops.convert(part, "f32") for part in ops.split(planes, 1, 3).outputs()]
            # Bytes get whole numbers, whose sum float32 holds exactly: the engine adds in an order of its own for each
            # compilation, and luma that differs in its last bit can be another level once it is rounded to INT8.
            grain = np.float32(GRAIN if whole else 1)
            red, green, blue = (ops.multiply(part, share * grain) for part, share in zip(parts, BT601, strict=True))
            seen = ops.multiply(ops.add(ops.add(red, green), blue), unit / grain)
        else:
            seen = ops.multiply(ops.convert(planes, "f32"), unit)
        _feed(network.get_parameters()[0], seen)
        inputs = [pixels]
        if self._asks:
            inputs.append(network.get_parameters()[1])
        elif self._length:
            # As a constant, so that the engine folds what follows from it into the convolutions' weights.
            _feed(network.get_parameters()[1], ops.constant(self._told(self._vector)))
        change = ops.transpose(_added(network.get_results()[0].input_value(0), seen), np.array([0, 2, 3, 1]))
        # Full-range YCbCr adds a change of luma to R, G and B alike, so chroma needs no conversion to stay untouched.
        result = ops.add(ops.convert(pixels, "f32"), ops.divide(change, unit))
        if whole:
            result = ops.convert(ops.clamp(ops.round(result, "half_to_even"), 0, 255), "u8")
        return core.compile_model(openvino.Model([result], inputs), "CPU", self._config)


def _feed(parameter: Any, source: Any) -> None:
    """Let everything that reads an input of a network read `source` instead."""
    for target in parameter.output(0).get_target_inputs():
        target.replace_source_output(source.output(0))


def release(compilations: Iterable[Any]) -> None:
    """Give back the memory of compilations' intermediate results, save those that a thread is working on."""
    for compiled in compilations:
        with suppress(RuntimeError):  # some thread is running it; it will be asked again
            compiled.release_memory()


def config(threads: int) -> dict[str, str]:
    """One call has all cores to itself; several at a time have each their share, and need not wait for one another."""
    count = cores()
    if threads == 1:
        # The engine does not see a quota; of a whole machine it knows best which cores to take.
        limit = {"INFERENCE_NUM_THREADS": str(count)} if count < (os.cpu_count() or 1) else {}
        return {**CONFIG, "PERFORMANCE_HINT": "LATENCY", **limit}
    return {**CONFIG, "NUM_STREAMS": str(min(threads, count)), "INFERENCE_NUM_THREADS": str(count)}


def _added(sharpened: Any, seen: Any) -> Any:
    """What a network adds to the planes it sees; a network that ends in that sum is not asked to make it."""
    last = sharpened.get_node()
    if last.get_type_name() == "Add":
        terms = [last.input_value(index) for index in range(2)]
        others = [term for term in terms if term.get_node().get_friendly_name() != seen.get_friendly_name()]
        if len(others) == 1:
            return others[0]
    return ops.subtract(sharpened, seen)


def load_network(path: Path, threads: int = 1, vector: tuple[float, ...] = ()) -> Network:
    """The network of a file for so many calls at a time, loaded once per process; raises SharpError.

    `vector` is what a conditioned network is told of an image. The next image has another one, so only as many of these
    are kept as there may be images at a time, and the intermediate results of those before are given back.
    """
    if not vector:
        return load_plain_network(path, threads)
    key = path, threads, vector
    with _CHANGING:
        network = _CONDITIONED.pop(key, None)
        fresh = network is None
        network = network or Network(path, threads, vector)
        _CONDITIONED[key] = network
        while len(_CONDITIONED) > threads + (LIVE if path.stat().st_size < LIGHT else 1):
            _CONDITIONED.popitem(last=False)
    if fresh:
        free_conditioned()
    return network


@once(maxsize=16)
def load_plain_network(path: Path, threads: int) -> Network:
    """A network for any image, loaded once per process."""
    return Network(path, threads)


def free_conditioned() -> None:
    """Give back the memory of intermediate results of all networks that were loaded for one image's vector."""
    with _CHANGING:  # another thread may be loading a network for its image
        networks = list(_CONDITIONED.values())
    for network in networks:
        network.free_memory()


@once(maxsize=4)
def load_model(path: Path) -> Callable[[Mapping[str, NDArray[Any]]], NDArray[Any]]:
    """A function from the inputs of an ONNX file with a card, by their names, to its only output; raises SharpError."""
    checked_card(path)
    compiled = openvino.Core().compile_model(path, "CPU", config(1))
    lock = threading.Lock()

    def run(inputs: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
        with lock:
            output: NDArray[Any] = compiled(dict(inputs))[0].copy()
        return output

    return run
