"""The formats of `sharpcli train export --to`: one row each, and one module with a function `write` each.

`write(student, stem, job)` gets a StudentStack, the path to write without its ending, and what else was asked for; it
writes its files whole (`whole_file`) and returns them, each with a note for the user such as `60.1 dB against ONNX`.
Where the format takes no vector at run time, the student was told one already, so it is a plain stack of convolutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from sharpcli_training.export.stack import StudentStack


@dataclass(frozen=True)
class Job:
    """What a writer has to know beside the student."""

    onnx: Path
    """Where the student was read from: what a written file is compared with."""
    precision: str
    """fp32, fp16 or int8; int8 only for a student whose convolutions have a `rounding`."""
    vector: tuple[float, ...] = ()
    """What the student was told already; empty for one that is told nothing, or only at run time."""
    size: tuple[int, int] | None = None
    """Width and height in pixels, both even, of formats with a fixed size."""


@dataclass(frozen=True)
class Written:
    """A file, and what is to be said of it."""

    path: Path
    note: str = ""


class Writer(Protocol):
    """A format's `write`."""

    def __call__(self, student: StudentStack, stem: Path, job: Job) -> list[Written]:
        """Write the files of a student."""


@dataclass(frozen=True)
class Format:
    """A row of the table."""

    summary: str
    module: str
    """In this package."""
    precisions: tuple[str, ...]
    """The first is the default."""
    told_at_run_time: bool = False
    """Whether the file takes the degradation vector, so that one file does for all images."""
    sized: bool = False
    """Whether it is for one size, `--size`."""

    estimators: bool = False
    """Whether the networks that find out what an image went through can be written as well."""

    @property
    def write(self) -> Writer:
        """The module's function, imported only now."""
        return cast(Writer, import_module(f"sharpcli_training.export.{self.module}").write)


FORMATS = {
    "webgpu": Format(
        "the page in the browser", "webgpu", ("int8", "fp32", "fp16"), told_at_run_time=True, estimators=True
    ),
    "mpv": Format("a user shader of mpv", "mpv", ("fp32",)),
    "litert": Format("Android and boards: LiteRT (.tflite)", "litert", ("fp32", "fp16", "int8"), sized=True),
    "ncnn": Format("phones and boards: ncnn (.param, .bin)", "ncnn", ("fp32", "fp16"), sized=True),
    "coreml": Format("iPhone, iPad and Mac: Core ML (.mlpackage)", "coreml", ("fp16",), sized=True),
    "openvino": Format("Intel and ffmpeg: OpenVINO (.xml, .bin)", "openvino", ("fp32", "fp16", "int8"), sized=True),
}
