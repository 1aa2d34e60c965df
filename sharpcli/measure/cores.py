"""How many processor cores this process may keep busy: a container's share of a machine is often a small one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from math import ceil
from pathlib import Path, PurePosixPath

ROOT = Path("/")
GROUPS = Path("sys/fs/cgroup")


def cores(root: Path = ROOT) -> int:
    """The cores of the machine, less those that the affinity mask or a control group's quota of time keeps from us.

    A part of a core counts as one. `root` is where /proc and /sys lie (cgroups(7); Linux's cgroup-v2.rst and
    sched-bwc.rst). What cannot be read limits nothing.
    """
    return max(1, min(_allowed(), *(ceil(quota) for quota in _quotas(root))))


def _allowed() -> int:
    count = os.cpu_count() or 1
    with suppress(OSError, AttributeError):  # only some systems have such masks
        return min(count, len(os.sched_getaffinity(0)))
    return count


def _quotas(root: Path) -> Iterator[float]:
    """The quotas of this process's control groups and of all groups above them, in cores; at least one, without end."""
    yield float(os.cpu_count() or 1)
    with suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, place = line.split(":", 2)
            for mount in _mounts(controllers):
                path = PurePosixPath(place.lstrip("/"))
                # In a container the names may be the host's, of which only the last group is to be seen, as the top.
                for group in (path, *path.parents):
                    yield from _quota(root / GROUPS / mount / group)


def _mounts(controllers: str) -> tuple[str, ...]:
    """Where the hierarchy of a line of /proc/self/cgroup may be mounted, if it can limit processor time."""
    if not controllers:
        return ("", "unified")
    return (controllers, "cpu") if "cpu" in controllers.split(",") else ()


def _quota(group: Path) -> Iterator[float]:
    """The quota of one control group in cores, by version 2 or 1, if it has any."""
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = (group / "cpu.max").read_text().split()
        yield int(quota) / int(period)  # "max" is no number
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = ((group / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
        if int(quota) > 0:  # -1 for none
            yield int(quota) / int(period)
