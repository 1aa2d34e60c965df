"""Model files for the pages that tests and benchmarks open."""

from __future__ import annotations

from pathlib import Path

from sharpcli_training.export.formats import Job
from sharpcli_training.export.stack import read_student
from sharpcli_training.export.webgpu import write

WEIGHTS = Path(__file__).parents[2] / "plugins" / "sharpcli_student" / "weights"


def export(folder: Path, *names: str) -> None:
    """Write the model files of students, named as their ONNX files are."""
    for name in names:
        onnx = WEIGHTS / f"{name}.onnx"
        write(read_student(onnx), folder / name, Job(onnx, "int8" if name.endswith("-int8") else "fp32"))
