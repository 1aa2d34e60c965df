"""A visitor's batch, from the uploads to the archive of results, in its own thread."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Generator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.files.names import without_base

if TYPE_CHECKING:
    from sharpcli.batch.dispatch import Summary
    from sharpcli.batch.job import Job, Outcome
    from sharpcli.batch.plan import BatchPlan

EVERY = 0.5
"""Seconds between two looks at a batch."""
REPORTS = ("report.html", "report.csv")


@dataclass(frozen=True)
class Order:
    """A visitor's uploads and settings; everything is written below the empty `folder`.

    Archives may have `unpacked` bytes together.
    """

    uploads: Sequence[Path]
    folder: Path
    job: Job
    settings: dict[str, Any]
    format: str | None
    unpacked: int = 4_000_000_000

    @property
    def base(self) -> Path:
        """The working folder, deleted at the end."""
        return self.folder / "work"

    @property
    def given(self) -> Path:
        """The folder of the uploads, named after the archive if there is only one."""
        only = self.uploads[0] if len(self.uploads) == 1 else Path()
        return self.base / (only.stem if only.suffix.lower() == ".zip" else "images")

    @property
    def results(self) -> Path:
        """The folder for results, named as the command line would."""
        return self.base / f"{self.given.name}-sharp"

    @property
    def archive(self) -> Path:
        """The zip archive to download."""
        return self.folder / f"{self.results.name}.zip"

    @property
    def reports(self) -> list[Path]:
        """As HTML and as CSV."""
        return [self.folder / name for name in REPORTS]


@dataclass
class RunningBatch:
    """The progress of a batch; `rows` are as in `report.row`, with paths relative to the uploads.

    Setting `stopping` ends it as Ctrl-C does on the command line: images in progress are finished and packed.
    """

    order: Order
    stopping: threading.Event
    doing: str = "unpacking"
    total: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    in_hand: str = ""
    summary: Summary | None = None
    _interruptible: int = 0

    def steps(self) -> Generator[None]:
        """Run it, yielding now and then so that progress can be shown. Raises SharpError.

        Closing this early stops the batch and deletes its folder.
        """
        future: Future[None] = Future()
        left = threading.Event()
        # Not a thread of a pool, for which the server would wait when it is ended.
        threading.Thread(target=self._work, args=(future, left), daemon=True).start()
        try:
            while not future.done():
                yield
                wait([future], EVERY)
        finally:
            if not future.done():
                self.stopping.set()
                left.set()
        future.result()

    def _work(self, future: Future[None], left: threading.Event) -> None:
        order = self.order
        problem: BaseException | None = None
        try:
            self._run()
        except SharpError as error:
            problem = SharpError(without_base(order.base, str(error)))
        except BaseException as error:  # raised where the result is awaited
            problem = error
        # Where the visitor has left, the folder is gone, but something may have been written to it once more.
        if problem or left.is_set():
            shutil.rmtree(order.folder, ignore_errors=True)
        if problem:
            future.set_exception(problem)
        else:
            future.set_result(None)

    def _run(self) -> None:
        from sharpcli.batch.run import Rules, run_batch
        from sharpcli.web.tasks.archive import pack

        order = self.order
        if not self.stopping.is_set():
            planned = self._planned()
        if self.stopping.is_set():
            raise SharpError("stopped before any image was processed")
        self.total, self._interruptible = len(planned.items) + len(planned.unreadable), len(planned.items)
        self.doing = "sharpening"
        rules = Rules(reports=order.reports, base=order.base)
        summary = run_batch(planned, order.job, order.settings, rules, self._progress)
        summary.trouble = without_base(order.folder, summary.trouble)  # of a report
        if not order.given.exists():
            raise SharpError("the uploads have been deleted in the meantime; upload them again")
        self.doing = "packing"
        pack(order.results, [report for report in order.reports if report.is_file()], order.archive)
        shutil.rmtree(order.base, ignore_errors=True)
        self.summary = summary

    def _planned(self) -> BatchPlan:
        from sharpcli.batch.plan import BatchPlan, plan
        from sharpcli.web.tasks.archive import Most, gather

        order = self.order
        if not all(upload.is_file() for upload in order.uploads):
            raise SharpError("some uploads have been deleted after an hour without use; upload them again")
        order.given.mkdir(parents=True)
        left_out = gather(order.uploads, order.given, Most(unpacked=order.unpacked))
        if any(path.is_file() for path in order.given.rglob("*")):
            planned = plan([order.given], order.results, suffix="", format=order.format)
            return replace(planned, unreadable=[*planned.unreadable, *left_out])
        if not left_out:
            raise SharpError("the uploads contain no images")
        return BatchPlan([], left_out)

    def _progress(self, outcome: Outcome, in_hand: Path | None) -> None:
        from sharpcli.batch.report import row

        entry = row(outcome, self.order.base)
        self.rows.append(entry | {"path": without_base(self.order.given, str(outcome.item.source))})
        self.in_hand = without_base(self.order.given, str(in_hand or ""))
        ended = self.stopping.is_set() or not self.order.given.exists()
        if ended and len(self.rows) < self._interruptible:
            self._interruptible = 0  # once is enough
            raise KeyboardInterrupt
