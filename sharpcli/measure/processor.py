"""What processor this is: figures of speed mean nothing without it."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path


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


def cores() -> int:
    """How many of its cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
