"""The work of the tab Enhance: from what a visitor asked for to the files that the page shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.files.formats import result_format
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from sharpcli.pipeline.guard import for_this_machine
from sharpcli.pipeline.run import blend
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.registry import load_registry
from sharpcli.web.error_handling import named
from sharpcli.web.tasks.background import Progress, followed
from sharpcli.web.tasks.runs import Run
from sharpcli.web.tasks.turns import StoppedError
from sharpcli.web.views import run as view
from sharpcli.web.views.change import in_words, measured
from sharpcli.web.views.result import effort, plain, scores
from sharpcli.web.visitors.presence import visitor
from sharpcli.web.widgets import viewer
from sharpcli.web.widgets.previews import original

if TYPE_CHECKING:
    from sharpcli.plugin.enhancer import Enhancer
    from sharpcli.web.context import Page

KIND = "enhance"
QUICK, LONG = "student", 10.0
"""The enhancer that is named beside one that takes so many seconds."""
RESULTS_KEPT = 3
"""Results of a visit that stay on the disk: the browser may still be fetching the last but one."""


@dataclass(frozen=True)
class Asked:
    """All that the result depends on; `values` are those of the enhancer's choice."""

    given: str | None
    reference: str | None
    upscale: float
    strength: float
    format: str
    convention: str
    values: tuple[Any, ...]

    @property
    def work(self) -> tuple[object, ...]:
        """What the enhancer's own run depends on: with anything else changed, it is still of use."""
        return self.given, self.upscale, *self.values


@dataclass(frozen=True)
class Shown:
    """What a visit sees, None while it is not what was asked for, and its last folders."""

    asked: Asked | None = None
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What the viewer shows, the file to download, and what there is to say."""

    seen: dict[str, Any]
    file: Path
    text: str
    shown: Shown


def steps(
    page: Page, request: gr.Request, asked: Asked, choose: Callable[[], Enhancer], shown: Shown, at: float
) -> Generator[Progress | Result]:
    """Its progress, then the result of what was asked `at`; `choose` makes the enhancer. Close it to stop early.

    Raises SharpError; StoppedError when it was stopped, or has become useless.
    """
    assert asked.given is not None
    path = original(asked.given)
    enhancer = for_this_machine(choose())
    with named(path):
        megapixels = page.limits.check(path, asked.upscale)
    known = page.recent.has(path, enhancer, asked.upscale)
    first = "" if known else _estimate(page, enhancer, megapixels)
    yield Progress(first)
    with page.runs.run(visitor(request), KIND, asked.work, at) as run:
        yield from followed(run, lambda: _result(page, request, run, asked, path, enhancer, megapixels, shown), first)


def _estimate(page: Page, enhancer: Enhancer, megapixels: float) -> str:
    """How long it will take; and if that is long, how long the quick enhancer would take."""
    speeds = page.runs.speeds
    seconds = speeds.expected(enhancer, megapixels)
    if seconds < LONG or enhancer.name == QUICK or QUICK not in load_registry().found:
        return view.estimate(seconds)
    quick = for_this_machine(create_enhancer(QUICK, {}))
    return f"{view.estimate(seconds)} {view.beside(QUICK, speeds.expected(quick, megapixels))}"


def _result(
    page: Page,
    request: gr.Request,
    run: Run,
    asked: Asked,
    path: Path,
    enhancer: Enhancer,
    megapixels: float,
    shown: Shown,
) -> Result:
    with named(path), page.visits.filled(request) as folder, run.room(megapixels):
        found = page.recent.sharpened(path, enhancer, asked.upscale, run.do)
        if run.share:
            page.runs.speeds.note(enhancer, megapixels, found.seconds)
        result = blend(found.before, found.after, asked.strength)
        ending = result_format(path, asked.format)
        file = folder / f"{path.stem}-sharp{f'.{ending}' if ending else path.suffix}"
        lost = write_image(result, file)
        change = measured(found.before, result)
        # Read back, so that what is seen and scored is what the file holds.
        held = read_image(file)
        seen = viewer.shown(folder, found.before, held, change.place)
        if run.ended():
            raise StoppedError
    lines = [in_words(change, enhancer, asked.strength), effort(enhancer, found)]
    if asked.reference is not None:
        lines.append(scores(found.before, held, original(asked.reference), asked.convention, page.limits))
    lines += map(plain, (*result.notes, *lost))
    return Result(seen, file, "\n\n".join(lines), replace(shown, asked=asked, folders=_kept(shown, folder)))


def _kept(shown: Shown, latest: Path) -> tuple[str, ...]:
    """The last few results of a visit; the others are deleted."""
    for old in shown.folders[: -RESULTS_KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return (*shown.folders[-RESULTS_KEPT + 1 :], str(latest))
