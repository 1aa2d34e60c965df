"""Says in one line what figures were measured on: figures of speed mean nothing without it."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from sharpcli.measure.cores import cores

INSTRUCTIONS = {
    "AVX-512": ("avx512f",),
    "VNNI": ("avx512_vnni", "avx_vnni"),
    "AMX": ("amx_tile",),
}
"""What matters to the engine, and the names the operating system has for it."""


def machine() -> str:
    """Processor as the operating system names it, cores, instruction sets, engine and Pillow."""
    packages = f"OpenVINO {version('openvino')}, Pillow {version('pillow')}, Python {platform.python_version()}"
    return f"{processor()}, {cores()} cores, {_instructions()}; {platform.system()}, {packages}"


def _instructions() -> str:
    flags = set(cpuinfo().get("flags", "").split())
    if not flags:
        return "instruction sets unknown"
    return ", ".join(name if flags.intersection(names) else f"no {name}" for name, names in INSTRUCTIONS.items())


@cache
def cpuinfo() -> dict[str, str]:
    """The first processor of /proc/cpuinfo; empty where the system has no such file."""
    file = Path("/proc/cpuinfo")
    text = file.read_text().split("\n\n")[0] if file.is_file() else ""
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}


def processor() -> str:
    """As the operating system names it."""
    info = cpuinfo()
    if "model name" not in info:
        return platform.processor() or platform.machine()
    family = f" (family {info['cpu family']}, model {info['model']})" if {"cpu family", "model"} <= info.keys() else ""
    return f"{info['model name']}{family}"
