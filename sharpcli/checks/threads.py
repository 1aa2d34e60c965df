"""Whether calls from several threads disturb each other."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, BrokenBarrierError
from types import FrameType
from typing import Any

from sharpcli.checks.check import check
from sharpcli.checks.repeatability import SAME
from sharpcli.checks.subject import IMAGE_SIZE, Failure, Subject, during, in_levels, levels_apart
from sharpcli.pipeline.guard import call

THREADS, ROUNDS = 4, 8
SWITCH = 1e-5
"""Seconds after which Python lets another thread have its turn, here: a five-hundredth of the usual."""
MEETINGS, PATIENCE, PAUSE = 1000, 2.0, 1e-4
"""Lines at which threads wait for each other at most, seconds that they wait, and those that they pause instead."""


@check("threads")
def threads(subject: Subject) -> str:
    """Concurrent calls give the same results as sequential ones."""
    images = [subject.image(size, variation) for variation in range(4) for size in (IMAGE_SIZE, IMAGE_SIZE[::-1])]
    shared = subject.as_by(subject.enhancer.with_threads(THREADS))
    expected = [shared.enhanced(pixels).copy() for pixels in images]

    def work(thread: int, rounds: int) -> float:
        most = 0.0
        for turn in range(rounds * len(images)):
            index = (turn + 2 * thread) % len(images)
            pixels = images[index]
            most = max(most, levels_apart(call(shared.chosen(pixels), pixels), expected[index]))
        return most

    def in_step(thread: int, meeting: Barrier) -> float:
        with _in_step(type(subject.enhancer).__module__, meeting):
            return work(thread, 1)

    # In a hurry for what runs beside Python, and line by line for what its lines share: there, each thread has written
    # before any of them reads, however busy the machine is.
    with during("in several threads at once"), _impatient(), ThreadPoolExecutor(THREADS) as pool:
        quick = pool.map(work, range(THREADS), [ROUNDS] * THREADS)
        apart = max(*quick, *pool.map(in_step, range(THREADS), [Barrier(THREADS)] * THREADS))
    if apart > SAME:
        raise Failure(f"concurrent calls affect each other ({in_levels(apart)}); share no array")
    return f"{THREADS} threads, {THREADS * (ROUNDS + 1) * len(images)} calls"


@contextmanager
def _impatient() -> Iterator[None]:
    """Let threads take turns so often that what they share is seen to be shared."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def _in_step(module: str, meeting: Barrier) -> Iterator[None]:
    """Let the calling thread wait for the others at each line of the package that a module belongs to.

    Where they cannot come, since they wait for a lock or run fewer lines, it pauses at each line instead.
    """
    package = module.partition(".")[0]
    left = MEETINGS

    def at_call(frame: FrameType, event: str, argument: Any) -> Any:
        return at_line if str(frame.f_globals.get("__name__")).partition(".")[0] == package else None

    def at_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if event == "line" and left:
            left -= 1
            try:
                meeting.wait(PATIENCE)
            except BrokenBarrierError:
                time.sleep(PAUSE)
        return at_line

    before = sys.gettrace()
    sys.settrace(at_call)
    try:
        yield
    finally:
        sys.settrace(before)
        meeting.abort()  # who has more lines than this thread waits for it no longer
