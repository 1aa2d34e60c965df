"""How much memory a call or this process takes at its peak, native libraries' included, where the system tells."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_of(call: Callable[[], object], clear: Path = CLEAR) -> int | None:
    """Bytes by which this process grew, at most, while `call` ran; None where that is not known.

    Memory that was free in this process before is not seen. What other threads take meanwhile counts too. `clear` is
    the file that makes the system forget the peak so far.
    """
    if not _reset(clear):
        call()
        return None
    before = _resident("VmRSS")
    call()
    return max(0, _resident("VmHWM") - before)


def peak_resident() -> int | None:
    """The most bytes of memory that this process has had at a time; None where that is not known."""
    return _resident("VmHWM") if STATUS.is_file() else None


def threads() -> int | None:
    """How many threads this process has, native libraries' included; None where that is not known."""
    return int(_status("Threads")) if STATUS.is_file() else None


def _reset(clear: Path) -> bool:
    """Make Linux forget the peak so far (proc(5), clear_refs); whether it did."""
    try:
        clear.write_text("5")
    except OSError:
        return False
    return True


def _resident(field: str) -> int:
    return int(_status(field).removesuffix(" kB")) * 1024


def _status(field: str) -> str:
    match = re.search(rf"^{field}:\s+(.+)$", STATUS.read_text(), re.MULTILINE)
    assert match is not None  # Linux tells all of them wherever it tells one
    return match[1]
