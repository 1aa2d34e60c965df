"""Runs the pictures of a plan on a pool, and tells what became of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from sharpcli.errors import SharpError
from sharpcli.pictures import Picture, read_picture, write_picture
from sharpcli.planning import Item


@dataclass(frozen=True)
class Outcome:
    """What became of an item: `status` is done, skipped or failed, with the reason of a failure."""

    item: Item
    status: str
    reason: str = ""
    megapixels: float = 0.0


@dataclass
class Summary:
    """All outcomes of a batch so far and the seconds it took."""

    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False

    def failures(self) -> list[Outcome]:
        """The failed ones, by path."""
        return sorted((o for o in self.outcomes if o.status == "failed"), key=lambda o: str(o.item.source))

    def line(self) -> str:
        """The one line that says how it went."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        speed = sum(outcome.megapixels for outcome in self.outcomes) / self.seconds if self.seconds else 0.0
        parts = [f"{counts['done']} done"]
        parts += [f"{counts['skipped']} skipped (already there)"] if counts["skipped"] else []
        parts += [f"{counts['failed']} failed"] if counts["failed"] else []
        stopped = "interrupted: " if self.interrupted else ""
        return f"{stopped}{', '.join(parts)} in {self.seconds:.1f} s ({speed:.2f} megapixels/s)"


def run(
    items: Iterable[Item],
    function: Callable[[Picture], Picture],
    *,
    on_existing: str = "skip",
    quality: int | None = None,
    workers: int = 2,
    fail_fast: bool = False,
    progress: Callable[[Outcome], None] = lambda outcome: None,
) -> Summary:
    """Do every item and call `progress` after each; a failure ends only its own item, unless `fail_fast`.

    On Ctrl-C the pictures in flight are finished, the rest is left, and the summary says `interrupted`.
    """
    summary, began = Summary(), time.monotonic()
    waiting = iter(items)
    flying: set[Future[Outcome]] = set()
    submitted: list[Future[Outcome]] = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            while True:
                # Only a few in flight: a folder of any length then needs no more memory than a short one.
                while len(flying) < 2 * workers and (item := next(waiting, None)) is not None:
                    submitted.append(pool.submit(_do, item, function, on_existing, quality))
                    flying.add(submitted[-1])
                if not flying:
                    break
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                for future in done:
                    summary.outcomes.append(future.result())
                    progress(summary.outcomes[-1])
                    if fail_fast and summary.outcomes[-1].status == "failed":
                        waiting = iter(())
        except KeyboardInterrupt:
            summary.interrupted = True
            # Counted anew: the interrupt may have come between a picture's end and its entry in the list.
            summary.outcomes = [future.result() for future in submitted if not future.cancel()]
    summary.seconds = time.monotonic() - began
    return summary


def _do(item: Item, function: Callable[[Picture], Picture], on_existing: str, quality: int | None) -> Outcome:
    if item.target.exists() and on_existing == "skip":
        return Outcome(item, "skipped")
    try:
        result = function(read_picture(item.source))
        write_picture(result, item.target, **({} if quality is None else {"quality": quality}))
    except SharpError as error:
        return Outcome(item, "failed", str(error))
    # A mistake of ours must not cost the user the rest of the folder; it is named as such.
    except Exception as error:
        return Outcome(item, "failed", f"internal error, please report it ({type(error).__name__}: {error})")
    return Outcome(item, "done", megapixels=result.pixels.shape[0] * result.pixels.shape[1] / 1e6)
