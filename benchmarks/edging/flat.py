"""What the backends of the browser edition leave behind: objects on the graphics device, and memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edging.browser import Harness

COUNTED = Path(__file__).with_name("counted.js").read_text()
"""A script for a page, to run before its own."""
FLAGS = "--js-flags=--expose-gc", "--enable-precise-memory-info"
WARM = 100
"""Frames after which nothing new should be needed."""
MIB = 1 << 20


@dataclass(frozen=True)
class Held:
    """What a page holds at a moment."""

    objects: dict[str, int]
    """On the graphics device, by kind: made and not dropped."""
    made: dict[str, int]
    """Those made so far."""
    heap: float
    """MiB of JavaScript's heap, after a collection."""
    device: float | None
    """MiB of the browser's graphics process, which holds the textures of a software renderer; None where unknown."""


def held(harness: Harness) -> Held:
    """What the harness's page holds now."""
    page = harness.page
    page.evaluate("async () => { for (let turn = 0; turn < 3; turn++) { gc(); await new Promise(setTimeout); } }")
    made, dropped = (page.evaluate(f"objects.{name}") for name in ("made", "dropped"))
    objects = {kind: count - dropped.get(kind, 0) for kind, count in made.items()}
    heap = page.evaluate("performance.memory.usedJSHeapSize") / MIB
    return Held(objects, made, heap, _resident(page))


def run(harness: Harness, way: str, width: int, height: int, frames: int) -> None:
    """So many frames of one size, one after another; `way` is `frame` or `image`."""
    harness.page.evaluate("given => harness.repeat(...given)", [way, width, height, frames])


def new(before: Held, after: Held, kind: str) -> int:
    """Objects of a kind that were made between two moments."""
    return after.made.get(kind, 0) - before.made.get(kind, 0)


def _resident(page: Any) -> float | None:
    """MiB of memory of the browser's graphics process, on Linux."""
    session = page.context.browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    for process in processes:
        status = Path(f"/proc/{process['id']}/status")
        if process["type"] == "GPU" and status.is_file():
            (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            return int(line.split()[1]) / 1024
    return None
