"""The students: small networks on luma, distilled from the teacher, for ordinary CPUs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sharpcli.enhancer import Enhancer
from sharpcli.hookspecs import hookimpl
from sharpcli.network_enhancer import NetworkEnhancer


class Student(NetworkEnhancer):
    """32 channels, 5 inner layers, 12.1 kMAC per pixel."""

    name = "student"
    summary = "a small network on luma, the default: good quality that is still quick on a CPU"
    folder = Path(__file__).parent / "weights"
    colour = "luma"
    reach = 15
    align = 2


class StudentLive(Student):
    """16 channels, 4 inner layers, 2.6 kMAC per pixel."""

    name = "student-live"
    summary = "the smallest network on luma, for speed"
    reach = 13


@hookimpl
def enhancers() -> Iterable[type[Enhancer]]:
    """Both students."""
    return [Student, StudentLive]
