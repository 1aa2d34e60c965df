"""Says in one line what figures were measured on."""

from __future__ import annotations

import platform
from importlib.metadata import version

from sharpcli.measure.processor import cores, cpuinfo, processor

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
