"""A batch from its plan to its report: what the command line, the page and Python call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sharpcli.batch.dispatch import OnClip, OnInterrupt, Progress, Summary, run
from sharpcli.batch.executors import LOCAL, pool
from sharpcli.batch.job import Job, Outcome
from sharpcli.batch.plan import MEMORY, BatchPlan, Item
from sharpcli.batch.report import BatchReport
from sharpcli.batch.resume import Remembered, remember
from sharpcli.errors import SharpError
from sharpcli.files.atomic import passing_file, remove_leftovers
from sharpcli.files.locks import folder_lock
from sharpcli.files.names import shown
from sharpcli.files.paths import anchored, current_folder, exists


@dataclass(frozen=True)
class Rules:
    """How a batch behaves: what to do where a result is there already (skip, overwrite, error), and where it runs.

    `base` is for a batch whose folders are nobody's business and pass away: the report tells paths below it from there.
    """

    on_existing: str = "skip"
    fail_fast: bool = False
    executor: str = LOCAL
    reports: Sequence[Path] = ()
    base: Path | None = None


def run_batch(
    plan: BatchPlan,
    job: Job,
    settings: Mapping[str, Any],
    rules: Rules,
    progress: Progress = lambda outcome, in_hand: None,
    on_interrupt: OnInterrupt = lambda sources: None,
    on_clip: OnClip = lambda progress: None,
) -> Summary:
    """Do a plan's images: skip what an earlier run with the same `settings` has done, do the rest, write the reports.

    Raises SharpError before anything is done when the output folder was made with other settings, when something is
    there and must not be, or when a report cannot be written.
    """
    if rules.on_existing == "error" and (there := next((i.target for i in plan.items if exists(i.target)), None)):
        raise SharpError(f"{shown(there)} already exists; use --on-existing skip or overwrite, or another folder")
    with ExitStack() as stack:
        about = _about(settings)
        reports = [stack.enter_context(BatchReport(path, about, rules.base)) for path in rules.reports]
        overwrite = rules.on_existing == "overwrite"
        memories = {root: _memory(root, settings, overwrite, stack) for root in plan.roots}
        # An enhancer may change the working folder, so that what is asked later is asked with whole paths.
        here = current_folder()
        folders = {anchored(item.target.parent, here) for item in plan.items}
        _clean(folders)
        known = {anchored(root, here): memory for root, memory in memories.items()}

        def done(target: Path) -> bool:
            return not overwrite and _memory_of(target, known).done(target)

        trouble: list[SharpError] = []

        def tell(outcome: Outcome, in_hand: Path | None) -> None:
            for report in reports if not trouble else ():
                try:
                    report.add(outcome)
                except SharpError as error:  # its disk is full; the images may well go to another
                    trouble.append(error)
            progress(outcome, in_hand)

        # A single image has all cores to itself.
        job = replace(job, workers=max(1, min(job.workers, len(plan.items))))
        if job.clips:
            job = replace(job, clips=replace(job.clips, settings=settings))
        job = replace(job, thumbnails=any(report.wants_thumbnails for report in reports))
        found = stack.enter_context(pool(rules.executor, job, plan))
        summary = run(
            plan.items,
            job,
            found.executor,
            done=done,
            at_once=found.at_once,
            fail_fast=rules.fail_fast,
            progress=tell,
            on_interrupt=on_interrupt,
            on_clip=on_clip,
        )
        _clean(folders)  # of workers that were killed meanwhile
        for folder, reason in plan.unreadable:
            summary.planned += 1
            summary.outcomes.append(Outcome(Item(folder, folder), "failed", reason))
            tell(summary.outcomes[-1], None)
        try:
            _finish(reports, plan, summary, trouble)
        except SharpError as error:
            summary.trouble = "; ".join(filter(None, (summary.trouble, str(error))))
    return summary


def _finish(reports: Sequence[BatchReport], plan: BatchPlan, summary: Summary, trouble: Sequence[SharpError]) -> None:
    for error in trouble:
        raise error
    reached = {outcome.item for outcome in summary.outcomes}
    for report in reports:
        for item in plan.items:
            if item not in reached:
                report.add(Outcome(item, "not reached", summary.trouble))
        report.close(summary.as_dict())


def _clean(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(OSError):  # not there yet, or closed to us, which its images say
            remove_leftovers(folder)


def _memory(root: Path, settings: Mapping[str, Any], overwrite: bool, stack: ExitStack) -> Remembered:
    """What a folder remembers, which is held until the stack ends."""
    try:
        lock = stack.enter_context(folder_lock(root))
        memory = remember(root, settings, overwrite, lock.alone)
        lock.share()
        return memory
    except OSError as error:
        try:
            with passing_file(root, b""):
                pass
        except OSError:
            # A full disk or a folder closed to us: each of its images fails for the same reason, and says so.
            return Remembered(None)
        # Images could be written, of which nobody would know how they were made.
        raise SharpError(f"{shown(root / MEMORY)} cannot be written ({error.strerror or error})") from error


def _memory_of(target: Path, memories: Mapping[Path, Remembered]) -> Remembered:
    return next((memory for root, memory in memories.items() if root in target.parents), Remembered(None))


def _about(settings: Mapping[str, Any]) -> dict[str, Any]:
    weights = settings.get("weights", {})
    return {"settings": {key: value for key, value in settings.items() if key != "weights"}, "weights": weights}
