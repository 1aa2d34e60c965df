"""A tiny random student in the browser's format and what it becomes, for the tests in edge/ to agree with.

Written again by: python -m tests.training.export.edge_fixture
"""

import json
from pathlib import Path

import numpy as np

from sharpcli_training.export.formats import Job
from sharpcli_training.export.stack import Convolution, Rounding, StudentStack
from sharpcli_training.export.told import vector_of
from sharpcli_training.export.webgpu import write

FOLDER = Path(__file__).parents[3] / "edge" / "tests" / "networks"
CHANNELS, HIDDEN, LENGTH = 4, 5, 29
SAID = (
    {"kind": "gaussian", "blur": "2", "noise": "3"},
    {"kind": "defocus", "blur": "1.5"},
    {"kind": "motion", "blur": "6", "light": "encoded"},
    {"coding": "4", "enlarged": "1.5"},
    {"coding": "0"},
)


def tiny_student(rounded: bool, conditioned: bool) -> StudentStack:
    """Three convolutions; the same numbers each time."""
    random = np.random.default_rng(20)
    sides = ((CHANNELS, 4), (CHANNELS, CHANNELS), (4, CHANNELS))
    convolutions = [_convolution(random, *side, rounded) for side in sides]
    outputs = (HIDDEN, 2 * 2 * CHANNELS)
    inputs = (LENGTH, HIDDEN)
    layers = [(_normal(random, out, inside), _normal(random, out)) for out, inside in zip(outputs, inputs, strict=True)]
    name = f"tiny-{'deblur' if conditioned else 'x2'}{'-int8' if rounded else ''}"
    scores = {"set": {"psnr": 30.5}}
    card = {"name": name, "sha256": "0" * 64, "receptive_radius": 7, "kmac_per_pixel": 0.1, "scores": scores}
    return StudentStack(tuple(convolutions), tuple(layers) if conditioned else (), card)


def written(folder: Path) -> None:
    """Write the networks and the file of what is expected of them."""
    expected = {"vectors": [{"said": said, "vector": _vector(said)} for said in SAID], "stacks": {}}
    for rounded, conditioned, precision in ((True, True, "int8"), (False, True, "fp16"), (False, False, "fp32")):
        student = tiny_student(rounded, conditioned)
        [file] = write(student, folder / student.card["name"], Job(Path("tiny.onnx"), precision))
        told = student.told(tuple(_vector(SAID[0]))) if conditioned else student
        expected["stacks"][file.path.name] = [_numbers(one) for one in told.convolutions]
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


def _vector(said: dict[str, str]) -> list[float]:
    return list(vector_of(said, "coding" in said))


def _numbers(one: Convolution) -> dict[str, object]:
    numbers = {"weight": _short(one.weight), "bias": _short(one.bias)}
    if one.rounding:
        numbers |= {"step": _short(one.rounding.step), "rows": _short(one.rounding.rows)}
        numbers |= {"whole": one.rounding.whole.ravel().tolist()}
    return numbers


def _short(values: object) -> list[float]:
    return [float(f"{value:.6g}") for value in np.ravel(values)]


def _convolution(random: np.random.Generator, outputs: int, inputs: int, rounded: bool) -> Convolution:
    bias = _normal(random, outputs)
    if not rounded:
        return Convolution(_normal(random, outputs, inputs, 3, 3), bias)
    whole = random.integers(-127, 128, (outputs, inputs, 3, 3)).astype(np.int8)
    rows = random.uniform(0.001, 0.01, outputs).astype(np.float32)
    return Convolution(whole * rows[:, None, None, None], bias, Rounding(0.0125, rows, whole))


def _normal(random: np.random.Generator, *shape: int) -> np.ndarray:
    return random.normal(0, 0.3, shape).astype(np.float32)


if __name__ == "__main__":
    written(FOLDER)
