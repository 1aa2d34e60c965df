"""What is printed of refused and failed requests: enough to notice an attack, never so much that it fills a disk."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Hashable

LINES, WINDOW = 5, 60.0
"""How many lines of a kind are printed in so many seconds."""
LONGEST = 2000
"""Characters of an error's message."""
KINDS = 1000
"""Kinds of lines that are remembered."""


class Sparing:
    """Counts lines of each kind. Safe to use from several threads."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Hashable, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, kind: Hashable) -> int | None:
        """None for a line that is left out, else how many of its kind were left out since the last one."""
        now = time.monotonic()
        with self._lock:
            began, count = self._seen.pop(kind, (now, 0))
            left_out = 0
            if now - began > WINDOW:
                began, count, left_out = now, 0, max(0, count - LINES)
            self._seen[kind] = (began, count + 1)
            if len(self._seen) > KINDS:
                self._seen.popitem(last=False)
        return left_out if count < LINES else None


class SparingFilter(logging.Filter):
    """Leaves out what a logger has said often enough; a traceback is known by where it ends."""

    def __init__(self) -> None:
        super().__init__()
        self._sparing = Sparing()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is printed."""
        error = record.exc_info[1] if record.exc_info else None
        left_out = self._sparing.allow((record.msg, type(error), place(error)))
        if left_out:
            record.msg = f"{record.msg} ({left_out} more of these were left out)"
        return left_out is not None


_SPARING = Sparing()
_FILTER = SparingFilter()


def tell(kind: Hashable, text: str) -> None:
    """Print a line to stderr unless there were many of its kind of late."""
    left_out = _SPARING.allow(kind)
    if left_out is not None:
        more = f" ({left_out} more of these were left out)" if left_out else ""
        sys.stderr.write(f"{text}{more}\n")


def tell_error(error: BaseException) -> None:
    """Print a traceback unless there were many from its place of late; its message may quote a whole request."""
    if _SPARING.allow((type(error), place(error))) is not None:
        lines = traceback.format_exception(error)
        sys.stderr.write("".join(line if len(line) < LONGEST else f"{line[:LONGEST]} ...\n" for line in lines))


class SparingTraceback:
    """Stands where Gradio has the module `traceback`, to print the error in hand."""

    @staticmethod
    def print_exc() -> None:
        """See `tell_error`."""
        if error := sys.exception():
            tell_error(error)


def spare_logs() -> None:
    """From now on the server and the event loop repeat themselves sparingly."""
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_FILTER)


def place(error: BaseException | None) -> tuple[str, int] | None:
    """File and line where an error was raised."""
    trace = error.__traceback__ if error else None
    while trace and trace.tb_next:
        trace = trace.tb_next
    return (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace else None
