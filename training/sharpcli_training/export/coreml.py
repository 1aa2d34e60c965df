"""Core ML (iPhone, iPad, Mac): a float student as an .mlpackage of one size, for iOS 15 and macOS 12 on."""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from sharpcli_training.export.checked import Target, export
from sharpcli_training.export.coreml_program import session
from sharpcli_training.export.formats import Job, Written
from sharpcli_training.export.kernels import unshuffled
from sharpcli_training.export.stack import StudentStack

HOW = " by its program, computed here; not run by Core ML, which is on Apple's systems only"


def write(student: StudentStack, stem: Path, job: Job) -> list[Written]:
    """Write the .mlpackage folder."""
    return export(student, stem, job, Target(save, session, (".mlpackage",), "coremltools", how=HOW))


def save(stack: StudentStack, height: int, width: int, file: Path, half: bool = True) -> None:
    """Write luma 1 x 1 x height x width in [0, 1] (float32, `pixels`) to the same (`sharpened`).

    Weights and arithmetic are float16, the only one that Apple's neural engine has.
    """
    # It remarks on each part of it that is there on a Mac only, and draws bars.
    for name in ("coremltools", "coremltools.models.model"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    import coremltools

    del half
    with warnings.catch_warnings(), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        model = coremltools.convert(
            _program(stack, height, width, coremltools.target.iOS15),
            convert_to="mlprogram",
            minimum_deployment_target=coremltools.target.iOS15,
            compute_precision=coremltools.precision.FLOAT16,
            skip_model_load=True,
        )
    model.short_description = "Sharpens the luma of an image."
    model.save(str(file))


def _program(stack: StudentStack, height: int, width: int, version: Any) -> Any:
    from coremltools.converters.mil import Builder

    def student(pixels: Any) -> Any:
        features = pixels
        for index, one in enumerate(stack.convolutions):
            kernel, stride, pad = (unshuffled(one.weight), 2, 2) if index == 0 else (one.weight, 1, 1)
            features = Builder.conv(
                x=features, weight=kernel, bias=one.bias, strides=[stride] * 2, pad_type="custom", pad=[pad] * 4
            )
            if index + 1 < len(stack.convolutions):
                features = Builder.relu(x=features)
        return Builder.add(x=pixels, y=Builder.pixel_shuffle(x=features, upscale_factor=2), name="sharpened")

    port = Builder.TensorSpec(shape=(1, 1, height, width))
    return Builder.program(input_specs=[port], opset_version=version)(student)
