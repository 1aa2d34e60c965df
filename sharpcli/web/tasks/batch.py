"""A visitor's batch, from the uploads to the archive of results, with its files until they are downloaded."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.files.names import without_base
from sharpcli.web.error_handling import sentence
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.batch.dispatch import Summary
    from sharpcli.batch.job import Job, Outcome
    from sharpcli.batch.plan import BatchPlan, Item
    from sharpcli.web.tasks.batch_files import BatchFile

GRACE = 120.0
"""Seconds without a word from its visitor's browser after which a batch is stopped and deleted."""
REPORTS = ("report.html", "report.csv")


@dataclass(frozen=True)
class Order:
    """A visitor's uploads and settings; everything is written below `folder`.

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
        """The folder of inputs and results, which is named in no report."""
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
    """The progress of a batch: what it is `doing`, empty once it is over, and its `files` once they are known.

    Setting `stopping` ends it as Ctrl-C does on the command line: images in progress are finished and packed. So does
    silence of `grace` seconds (see `hear`), after which its folder is deleted. At the end there is either a `summary`
    or a `problem`, for which nothing was processed.
    """

    order: Order
    grace: float = GRACE
    stopping: threading.Event = field(default_factory=threading.Event)
    doing: str = "waiting"
    files: list[BatchFile] = field(default_factory=list)
    in_hand: Path | None = None
    summary: Summary | None = None
    problem: str = ""
    _heard: float = field(default_factory=time.monotonic)
    _planned: dict[Item, BatchFile] = field(default_factory=dict)
    _interruptible: int = 0
    _began: float = 0.0
    _estimate: tuple[float, float] | None = None

    def hear(self) -> None:
        """Note that the visitor is there."""
        self._heard = time.monotonic()
        if self.doing:
            with suppress(FileNotFoundError):
                os.utime(self.order.folder)  # it is in use, and not old

    def abandon(self) -> None:
        """From now on nobody wants it."""
        self._heard = -self.grace

    @property
    def abandoned(self) -> bool:
        """Whether its visitor has left for good."""
        return time.monotonic() - self._heard > self.grace

    @property
    def ending(self) -> bool:
        """Whether no further image is to be begun."""
        return self.stopping.is_set() or self.abandoned

    @property
    def over(self) -> int:
        """How many files are done or failed."""
        return sum(file.row is not None for file in self.files)

    @property
    def seconds_left(self) -> float | None:
        """For the megapixels that are left, by what those so far took; None before the first."""
        if self._estimate is None:
            return None
        when, seconds = self._estimate
        return max(0.0, seconds - (time.monotonic() - when))

    def run(self) -> None:
        """Do it; whatever goes wrong is in `problem`. Of what fails or is abandoned, nothing stays on the disk."""
        try:
            self._run()
        except SharpError as error:
            self.problem = without_base(self.order.base, str(error))
        except BaseException as error:
            self.problem = sentence(error)
        if self.abandoned:
            self.problem = say("the page was closed for more than {seconds} s; start again", seconds=f"{self.grace:g}")
        if self.problem:
            shutil.rmtree(self.order.folder, ignore_errors=True)
        self.doing = ""

    def _run(self) -> None:
        from sharpcli.batch.run import Rules, run_batch
        from sharpcli.web.tasks.archive import pack

        order = self.order
        if not self.ending:
            self.doing = "unpacking"
            planned = self._plan()
        if self.ending:
            raise SharpError(say("stopped before any image was processed"))
        self._interruptible = len(planned.items)
        self.doing, self._began = "sharpening", time.monotonic()
        rules = Rules(reports=order.reports, base=order.base)
        summary = run_batch(planned, order.job, order.settings, rules, self._progress)
        summary.trouble = without_base(order.folder, summary.trouble)  # of a report
        if not order.given.exists():
            raise SharpError(say("the uploads have been deleted in the meantime; upload them again"))
        self.doing = "packing"
        pack(order.results, [report for report in order.reports if report.is_file()], order.archive)
        self.summary = summary

    def _plan(self) -> BatchPlan:
        from sharpcli.batch.plan import BatchPlan, Item, plan
        from sharpcli.web.tasks.archive import Most, gather
        from sharpcli.web.tasks.batch_files import files_of

        order = self.order
        order.given.mkdir(parents=True)
        left_out = gather(order.uploads, order.given, Most(unpacked=order.unpacked))
        planned = BatchPlan([], left_out)
        if any(path.is_file() for path in order.given.rglob("*")):
            planned = plan([order.given], order.results, suffix="", format=order.format, all_written=True)
            planned = replace(planned, unreadable=[*planned.unreadable, *left_out])
        elif not left_out:
            raise SharpError(say("the uploads contain no images"))
        items = [*planned.items, *(Item(path, path) for path, _ in planned.unreadable)]
        self._planned = files_of(items, order.given, order.folder / "pictures")
        self.files = list(self._planned.values())
        self.in_hand = next((item.source for item in planned.items), None)
        return planned

    def _progress(self, outcome: Outcome, in_hand: Path | None) -> None:
        from sharpcli.batch.report import row

        file = self._planned[outcome.item]
        if outcome.thumbnails:
            with suppress(OSError):  # a full disk, which the archive says, or the folder is deleted
                file.show(outcome.thumbnails)
        file.row = row(outcome, self.order.base)
        self.in_hand = in_hand
        done = sum(one.megapixels for one in self.files if one.row)
        left = sum(one.megapixels for one in self.files if not one.row)
        if done:
            now = time.monotonic()
            self._estimate = now, (now - self._began) * left / done
        ended = self.ending or not self.order.given.exists()
        if ended and self.over < self._interruptible:
            self._interruptible = 0  # once is enough
            raise KeyboardInterrupt
