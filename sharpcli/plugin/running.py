"""What each thread is at work on, and what plugins may not do to the process: end it, move it, take its Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

_work: dict[int, list[str]] = {}
"""What each thread does, from the whole to the part; the thread is only there while it does something."""
_here = threading.local()
"""How many plugins' calls this thread is in, one within the other."""
_exit = os._exit
_home: str | None = None
_ended_outside: Callable[[int], int] | None = None


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Note that this thread is at work on something: `processing cat.png`, `running enhancer glow`."""
    thread = threading.get_ident()
    _work.setdefault(thread, []).append(what)
    try:
        yield
    finally:
        if here := _work.get(thread):  # a forked process begins without
            here.pop()
        if not here:
            _work.pop(thread, None)


@contextmanager
def plugin_code(what: str) -> Iterator[None]:
    """The same while a plugin's code runs; afterwards Ctrl-C is handled as before, in the program's working folder.

    `os._exit` raises SystemExit meanwhile, as other ways to exit do. What C code does is beyond this.
    """
    heard = signal.getsignal(signal.SIGINT)
    main = threading.current_thread() is threading.main_thread()
    _here.depth = getattr(_here, "depth", 0) + 1
    try:
        with doing(what):
            yield
    finally:
        _here.depth = max(0, _here.depth - 1)  # a forked process begins at 0
        if _home is not None and _folder() != _home:
            with suppress(OSError):
                os.chdir(_home)
        if main and heard is not None and signal.getsignal(signal.SIGINT) is not heard:
            signal.signal(signal.SIGINT, heard)


def is_ctrl_c(error: BaseException) -> bool:
    """Whether an error is the user's Ctrl-C, which reaches the main thread alone, and not of a plugin's making."""
    return isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread()


def at_work() -> tuple[str, list[str]]:
    """What this thread is doing, empty for nothing, and what each of the others is."""
    this = threading.get_ident()
    every = {thread: ", ".join(work) for thread, work in list(_work.items())}
    return every.pop(this, ""), list(filter(None, every.values()))


def awaited() -> list[str]:
    """What the threads are doing that Python waits for at the end of a process."""
    threads = {thread.ident for thread in threading.enumerate() if not thread.daemon}
    return [", ".join(work) for thread, work in list(_work.items()) if thread in threads and work]


def own_process(ended: Callable[[int], int]) -> None:
    """Say that this process is the program's, which stays in this folder whatever plugins do.

    `ended` is called when a thread that a plugin started calls `os._exit`, with the status, and returns the true one.
    """
    global _home, _ended_outside
    _home, _ended_outside = _folder(), ended


def end_process(status: int) -> NoReturn:
    """End the process at once, whatever runs."""
    _exit(status)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 (asked for each tile)
    except OSError:  # it was deleted
        return None


def _heard_exit(status: int) -> NoReturn:
    if getattr(_here, "depth", 0):
        raise SystemExit(f"it called os._exit({status})")
    _exit(_ended_outside(status) if _ended_outside else status)


def _forget() -> None:
    """In a process that a plugin forks, which ends as it likes."""
    global _ended_outside
    _ended_outside, _here.depth = None, 0
    _work.clear()


os._exit = _heard_exit
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
