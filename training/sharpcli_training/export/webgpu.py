"""The model file of the page in the browser, which edge/src/networks/read.ts reads."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sharpcli.files.atomic import whole_file
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.stack import StudentStack

MAGIC, VERSION = b"SHRP", 1
ALIGNMENT = 8
DTYPES = {"float32": "f32", "float16": "f16", "int8": "i8"}

Named = tuple[str, NDArray[Any]]


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write a student, conditioned or not, as `stem`.bin."""
    card = student.card
    header = {
        "kind": "student",
        "enhancer": _enhancer(card["name"]),
        "profile": _profile(card["name"]),
        "channels": student.channels,
        "layers": len(student.convolutions) - 2,
        "receptiveRadius": card["receptive_radius"],
        "kmacPerPixel": card["kmac_per_pixel"],
        "conditioned": student.conditioned,
    }
    content = packed(
        {"name": stem.name, **header, **facts(card, job.precision)}, list(_tensors(student, job.precision))
    )
    path = stem.with_name(f"{stem.name}.bin")
    with whole_file(path) as file:
        file.write(content)
    return [Written(path)]


def facts(card: dict[str, Any], precision: str) -> dict[str, Any]:
    """What a header says of where its numbers are from, and how well they do."""
    return {"precision": precision, "sha256": card["sha256"], "scores": card["scores"]}


def packed(header: dict[str, Any], tensors: list[Named]) -> bytes:
    """Magic, version, length of the header, header with spaces up to a multiple of ALIGNMENT, tensors likewise."""
    places, payload = [], bytearray()
    for name, values in tensors:
        places.append(
            {"name": name, "dtype": DTYPES[str(values.dtype)], "shape": list(values.shape), "offset": len(payload)}
        )
        payload += np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes()
        payload += bytes(-len(payload) % ALIGNMENT)
    text = json.dumps({**header, "tensors": places}, separators=(",", ":")).encode()
    text += b" " * (-(len(MAGIC) + 8 + len(text)) % ALIGNMENT)
    return MAGIC + struct.pack("<II", VERSION, len(text)) + text + bytes(payload)


def _tensors(student: StudentStack, precision: str) -> Iterator[Named]:
    plain = np.float32 if precision == "fp32" else np.float16
    for index, one in enumerate(student.convolutions):
        if precision == "int8" and one.rounding:
            yield f"conv{index}.weight", one.rounding.whole
            yield f"conv{index}.rows", one.rounding.rows
            yield f"conv{index}.step", np.array([one.rounding.step], np.float32)
        else:
            yield f"conv{index}.weight", one.weight.astype(plain)
        yield f"conv{index}.bias", one.bias
    for index, (weight, bias) in enumerate(student.mlp):
        yield f"mlp{index}.weight", weight.astype(plain)
        yield f"mlp{index}.bias", bias


def _enhancer(name: str) -> str:
    return name.removesuffix("-int8").rpartition("-")[0]


def _profile(name: str) -> str:
    return name.removesuffix("-int8").rpartition("-")[2]
