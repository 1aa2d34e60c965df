"""ncnn (Vulkan and ARM, on phones and boards): a float student as .param and .bin of one size, written directly."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from sharpcli_training.export.checked import Session, Target, export
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.kernels import unshuffled
from sharpcli_training.export.stack import Floats, StudentStack

MAGIC = "7767517"
FLOAT32, FLOAT16 = 0, 0x01306B47
"""Say before a tensor what its values are."""


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write the .ncnn.param file and the .ncnn.bin file with its weights."""
    target = Target(save, session, (".ncnn.param", ".ncnn.bin"), "ncnn", writes_alone=True)
    return export(student, stem, job, target)


def save(stack: StudentStack, height: int, width: int, file: Path, half: bool = False) -> None:
    """Write luma height x width in [0, 1] (`pixels`, one channel) to the same (`sharpened`); weights beside it."""
    layers = [f"Input pixels 0 1 pixels 0={width} 1={height} 2=1", "Split split 1 2 pixels seen kept"]
    features, weights = "seen", b""
    for index, one in enumerate(stack.convolutions):
        last = index + 1 == len(stack.convolutions)
        kernel = unshuffled(one.weight) if index == 0 else one.weight
        layers.append(_convolution(f"conv{index}", features, kernel, first=index == 0, relu=not last))
        weights += _tagged(kernel, half) + _bytes(one.bias)
        features = f"conv{index}"
    layers += [f"PixelShuffle shuffle 1 1 {features} change 0=2", "BinaryOp add 2 1 kept change sharpened 0=0"]
    blobs = sum(int(layer.split()[3]) for layer in layers)
    file.write_text("\n".join([MAGIC, f"{len(layers)} {blobs}", *layers, ""]))
    file.with_suffix(".bin").write_bytes(weights)


def _convolution(name: str, features: str, kernel: Floats, first: bool, relu: bool) -> str:
    """A layer's line, its parameters by number as ncnn wants them."""
    side, stride, pad = (6, 2, 2) if first else (3, 1, 1)
    values = {0: len(kernel), 1: side, 3: stride, 4: pad, 5: 1, 6: kernel.size, 9: int(relu)}
    return f"Convolution {name} 1 1 {features} {name} " + " ".join(f"{key}={value}" for key, value in values.items())


def _tagged(values: Floats, half: bool) -> bytes:
    """A tensor with its tag; in half precision it ends at a multiple of four bytes, and so does each of ours."""
    if half:
        return struct.pack("<I", FLOAT16) + np.ascontiguousarray(values, "<f2").tobytes()
    return struct.pack("<I", FLOAT32) + _bytes(values)


def _bytes(values: Floats) -> bytes:
    return np.ascontiguousarray(values, "<f4").tobytes()


def session(file: Path, threads: int = 1) -> Session:
    """A function from plane to plane, loaded once; in float32, which ncnn would leave where a processor has less."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = False
    net.opt.use_bf16_storage = False
    net.load_param(str(file))
    net.load_model(str(file.with_suffix(".bin")))

    def call(plane: Floats) -> Floats:
        extractor = net.create_extractor()
        extractor.input("pixels", ncnn.Mat(plane[None]))
        result: Floats = np.array(extractor.extract("sharpened")[1])[0]
        return result

    return call
