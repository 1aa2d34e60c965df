"""The students: small networks on luma, distilled from the teacher, for ordinary CPUs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sharpcli.inference import ConditionedEnhancer
from sharpcli.plugin import Enhancer, hookimpl, option

PRECISIONS = ("auto", "int8", "fp32")
PRECISION_HELP = "arithmetic: auto = int8 on processors where it is faster, else fp32"


class StudentEnhancer(ConditionedEnhancer):
    """32 channels, 5 inner layers, 12.1 kMAC per pixel."""

    name = "student"
    summary = "small luma network, the default: good quality at high speed on a CPU"
    folder = Path(__file__).parent / "weights"
    color = "any"
    receptive_radius = 15
    tile_multiple = 2
    max_tile = 2048
    bytes_per_pixel = 160
    precision: str = option(PRECISIONS[0], PRECISION_HELP, choices=PRECISIONS)

    def file(self) -> Path:
        """The INT8 weights where the processor is faster with them or they were asked for, else the FP32 ones."""
        exact = super().file()
        return _int8(exact) if self.for_this_machine().precision == "int8" else exact

    def for_this_machine(self) -> StudentEnhancer:
        """The same with the precision that this processor is faster with, where that was left open."""
        from sharpcli.inference.precision import int8_is_faster

        if self.precision != "auto":
            return self
        return replace(self, precision="int8" if int8_is_faster() else "fp32")

    @classmethod
    def weights(cls) -> tuple[Path, ...]:
        """One FP32 and one INT8 file a profile."""
        return tuple(file for path in super().weights() for file in (path, _int8(path)))


def _int8(file: Path) -> Path:
    """The INT8 weights beside FP32 ones."""
    return file.with_stem(f"{file.stem}-int8")


class StudentLiveEnhancer(StudentEnhancer):
    """16 channels, 4 inner layers, 2.6 kMAC per pixel."""

    name = "student-live"
    summary = "smallest luma network, for highest speed"
    receptive_radius = 13
    bytes_per_pixel = 100


class StudentLargeEnhancer(StudentEnhancer):
    """48 channels, 6 inner layers, 32.0 kMAC per pixel."""

    name = "student-large"
    summary = "the largest student, for still images: the most detail back"
    receptive_radius = 17
    bytes_per_pixel = 240


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """All students."""
    return [StudentEnhancer, StudentLiveEnhancer, StudentLargeEnhancer]
