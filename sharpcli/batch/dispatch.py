"""Does the images and clips of a plan on an executor, and tells what became of each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sharpcli.batch.clips import ClipProgress, Watch
from sharpcli.batch.job import Job, Outcome, do
from sharpcli.batch.plan import Item
from sharpcli.errors import SharpError
from sharpcli.files.paths import anchored, current_folder

Progress = Callable[[Outcome, Path | None], None]
"""Called with each outcome and, where something is still under way, the image that has been for longest."""
OnInterrupt = Callable[[Sequence[Path]], None]
OnClip = Callable[[ClipProgress], None]
"""Called from any thread with how far a clip in progress is."""


@dataclass
class Summary:
    """All outcomes of a batch so far, how many images were planned, and the seconds it took."""

    planned: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    trouble: str = ""
    """What went wrong beside the images, if anything did."""
    begun: list[Path] = field(default_factory=list)
    """Clips that were stopped: the same run, repeated, goes on with them."""

    def failures(self) -> list[Outcome]:
        """The failed ones, by path."""
        return sorted((o for o in self.outcomes if o.status == "failed"), key=lambda o: str(o.item.source))

    def counts(self) -> dict[str, int]:
        """How many are done, skipped, failed and not reached."""
        counts = Counter(outcome.status for outcome in self.outcomes)
        reached = {status: counts[status] for status in ("done", "skipped", "failed")}
        return {**reached, "not_reached": self.planned - len(self.outcomes)}

    def as_dict(self) -> dict[str, Any]:
        """The counts, the seconds and whether it was interrupted, for programs."""
        return {**self.counts(), "seconds": round(self.seconds, 3), "interrupted": self.interrupted}

    def line(self, say: Callable[..., str] = str.format) -> str:
        """The one line that says how it went; `say` puts values into a sentence, maybe in another language."""
        counts = self.counts()
        speed = sum(outcome.megapixels for outcome in self.outcomes) / self.seconds if self.seconds else 0.0
        parts = [say("{done} done", done=counts["done"])]
        parts += [say("{skipped} skipped (already exist)", skipped=counts["skipped"])] if counts["skipped"] else []
        parts += [say("{failed} failed", failed=counts["failed"])] if counts["failed"] else []
        parts += [say("{left} not processed", left=counts["not_reached"])] if counts["not_reached"] else []
        line = say(
            "{counts} in {seconds} s ({speed} megapixels/s)",
            counts=", ".join(parts),
            seconds=f"{self.seconds:.1f}",
            speed=f"{speed:.2f}",
        )
        return say("interrupted: {line}", line=line) if self.interrupted else line


def run(
    items: Iterable[Item],
    job: Job,
    executor: Executor,
    *,
    done: Callable[[Path], bool] = lambda target: False,
    at_once: int = 4,
    fail_fast: bool = False,
    progress: Progress = lambda outcome, in_hand: None,
    on_interrupt: OnInterrupt = lambda sources: None,
    on_clip: OnClip = lambda progress: None,
) -> Summary:
    """Do every item that is not `done` and call `progress` after each; a failure ends only its own, unless `fail_fast`.

    On Ctrl-C `on_interrupt` is told of the images in flight, which are finished; clips end where they are, and are
    among `begun`; the rest is left, and the summary says `interrupted`. When the executor takes no more, because its
    cluster is lost, the rest is left and `trouble` says it.
    """
    items, here = list(items), current_folder()
    summary, began = Summary(len(items)), time.monotonic()
    waiting = iter(items)
    given: dict[Path, Path] = {}
    watch = Watch(lambda progress: on_clip(replace(progress, source=given[progress.source])))
    flying: dict[Future[Outcome], Item] = {}
    reported: set[Item] = set()
    failed = False

    def there(item: Item) -> Item:
        # An enhancer may change the working folder; names stay as they were given.
        return Item(anchored(item.source, here), anchored(item.target, here))

    def ended(outcome: Outcome, in_hand: Path | None) -> None:
        nonlocal failed
        if outcome.status == "stopped":
            summary.begun.append(outcome.item.source)
            return
        failed = failed or outcome.status == "failed"
        # Thumbnails are for whoever is listening now; to keep them all would need a memory as long as the folder.
        summary.outcomes.append(replace(outcome, thumbnails=None))
        reported.add(outcome.item)
        progress(outcome, in_hand)

    def collect() -> None:
        for future in [future for future in flying if future.done()]:
            # In this order, and reported once, wherever Ctrl-C comes in between.
            item = flying[future]
            if item not in reported:
                in_hand = next((other for flown, other in flying.items() if flown is not future), None)
                ended(replace(_outcome(future, item), item=item), in_hand.source if in_hand else None)
            del flying[future]

    try:
        while True:
            # Only a few in flight: a folder of any length then needs no more memory than a short one.
            while len(flying) < at_once and (item := next(waiting, None)) is not None:
                if _is_there(there(item), done):
                    ended(Outcome(item, "skipped", "already exists"), item.source)
                else:
                    given[there(item).source] = item.source
                    try:
                        flying[executor.submit(do, there(item), job, watch)] = item
                    except SharpError as error:
                        summary.trouble, waiting = str(error), iter(())
            if not flying:
                break
            wait(flying, return_when=FIRST_COMPLETED)
            collect()
            if fail_fast and failed:
                waiting = iter(())
    except KeyboardInterrupt:
        summary.interrupted = watch.stopping = True
        for future in [future for future in flying if future.cancel()]:
            del flying[future]
        if left := [
            item.source
            for future, item in flying.items()
            if not future.done() and there(item).source not in watch.begun
        ]:
            on_interrupt(left)
        wait(flying)
        collect()
    summary.seconds = time.monotonic() - began
    return summary


def _is_there(item: Item, done: Callable[[Path], bool]) -> bool:
    try:
        return done(item.target)
    except OSError:  # a name too long, a folder closed to us: doing it will say what is wrong
        return False


def _outcome(future: Future[Outcome], item: Item) -> Outcome:
    try:
        return future.result()
    except SharpError as error:
        return Outcome(item, "failed", str(error))
    # A worker that is lost again and again takes only the image it was lost on.
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Outcome(item, "failed", f"the worker that processed it was lost ({reason})")
