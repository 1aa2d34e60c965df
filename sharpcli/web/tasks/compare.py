"""The work of the tab Compare: enhancers are run once, then shown at one position after another."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np

from sharpcli.compare.compare import Candidate, Comparison, Enhanced, check_memory, lined_up, most_changed, scored
from sharpcli.compare.sheet import about, contact_sheet, overview
from sharpcli.errors import SharpError
from sharpcli.image.crops import Place, window
from sharpcli.image.image import Pixels
from sharpcli.image.thumbnails import small
from sharpcli.image.write import write_image
from sharpcli.pipeline.guard import for_this_machine
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.scoring.score import rgb_of
from sharpcli.web.error_handling import named
from sharpcli.web.tasks.background import Progress, followed
from sharpcli.web.tasks.runs import Run
from sharpcli.web.views import run as view
from sharpcli.web.views.crops import crop_grid
from sharpcli.web.visitors.presence import visitor
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.plugin.enhancer import Enhancer
    from sharpcli.web.context import Page

KIND = "compare"

Asked = tuple[Path, float, tuple[EnhancerSpec, ...], Path | None, str]
"""Image, upscale, enhancers, reference and convention."""
SEEN = (720, 480)
"""Most pixels of the image in which the place is marked."""
QUALITY = 85
"""Of that image, as a WebP file."""
LOOKS = 3
"""Sheets of a comparison that stay on the disk."""


def compared(
    page: Page, request: gr.Request, before: Kept | None, asked: Asked, work: Hashable, at: float
) -> Generator[Progress | Kept]:
    """Its progress, then what was asked for `at`, which takes the place of what was compared before.

    `work` is what the enhancers' runs depend on: with anything else changed, they are still of use. Raises SharpError,
    and StoppedError when it was stopped or has become useless.
    """
    path, upscale, specs, reference, _ = asked
    if not specs:
        raise SharpError(say("select at least one enhancer"))
    if reference is not None:
        with named(reference):
            page.limits.check(reference)
    with named(path):
        megapixels = page.limits.check(path, upscale)
        check_memory(megapixels * 1e6, len(specs))
    made = [(spec, page.limits.create(spec.name, dict(spec.options), upscale)) for spec in specs]
    enhancers = [(spec, for_this_machine(enhancer)) for spec, enhancer in made]
    fresh = [enhancer for _, enhancer in enhancers if not page.recent.has(path, enhancer, upscale)]
    seconds = sum(page.runs.speeds.expected(enhancer, megapixels) for enhancer in fresh)
    first = view.estimate(seconds) if fresh else ""
    yield Progress(first)
    with page.runs.run(visitor(request), KIND, work, at) as run:
        yield from followed(run, lambda: _kept(page, request, run, asked, megapixels, enhancers, before), first)


def _kept(
    page: Page,
    request: gr.Request,
    run: Run,
    asked: Asked,
    megapixels: float,
    enhancers: Sequence[tuple[EnhancerSpec, Enhancer]],
    before: Kept | None,
) -> Kept:
    path, upscale, _, reference, convention = asked
    with run.room(megapixels):
        original = rgb_of(page.recent.before(reference)) if reference is not None else None
        with named(path):
            baseline = page.recent.before(path, upscale)

        def results() -> Iterator[Enhanced]:
            for spec, enhancer in enhancers:
                with run.part(1 / len(enhancers)):
                    found = page.recent.sharpened(path, enhancer, upscale, run.do)
                page.runs.speeds.note(enhancer, megapixels, found.seconds)
                yield Enhanced(spec.label, found.after, found.seconds)

        comparison = scored(lined_up(baseline, results(), original, upscale), convention)
        older = (*before.older, before.folder) if before else ()
        for folder in older[:-1]:
            shutil.rmtree(folder, ignore_errors=True)
        seen = small(comparison.input.pixels, "RGB", SEEN).size
        kept = keep(comparison, page.visits.folder(request), path.name, asked, seen)
    place = before.place if before and before.asked[:2] == asked[:2] else None
    # The comparison before this one may be looked at by an event that is just going on.
    return replace(kept, place=place, older=older[-1:])


def looked(kept: Kept, side: int, zoom: int) -> list[Any]:
    """The row that is seen now, the image with the place marked, the crops, notes, the sheet, x and y."""
    comparison = kept.opened()
    place = kept.place or most_changed(comparison, side)
    where = window(place, side, kept.size)
    sheet = kept.folder / f"sheet-{place[0]}-{place[1]}-{side}-{zoom}" / f"{Path(kept.name).stem}-compare.png"
    write_image(contact_sheet(comparison, [place], kept.name, side, zoom), sheet)
    marked = sheet.with_name("place.webp")
    profile = {"icc_profile": comparison.profile} if comparison.profile else {}
    overview(comparison, [where], SEEN).save(marked, "WEBP", quality=QUALITY, **profile)
    # The browser may still be fetching what was looked at before.
    for old in sorted(kept.folder.glob("sheet-*"), key=lambda one: one.stat().st_mtime)[:-LOOKS]:
        shutil.rmtree(old, ignore_errors=True)
    return [
        gr.Row(visible=True),
        str(marked),
        crop_grid(comparison, where, zoom),
        " ".join(about(comparison, where, zoom, say)),
        str(sheet),
        *(gr.Number(value=at, maximum=edge - 1) for at, edge in zip(place, kept.size, strict=True)),
    ]


@dataclass(frozen=True)
class Kept:
    """A comparison without its pixels, which lie in `folder`; `place` is the one that was clicked, if any.

    `name` is the image's, `size` its width and height once enlarged, and `asked` whatever was compared.
    """

    comparison: Comparison
    folder: Path
    name: str
    asked: tuple[object, ...]
    size: tuple[int, int]
    seen: tuple[int, int]
    """Width and height of the image in which the place is marked."""
    older: tuple[Path, ...] = ()
    """Folders of comparisons before this one, which are deleted with the next one."""
    place: Place | None = None

    def around(self, point: Sequence[float], seen: Sequence[float]) -> Kept:
        """The same, looked at where a point lies in the image as it was `seen`: width and height in its pixels."""
        x, y = (min(max(0, int(at * own / all)), own - 1) for at, own, all in zip(point, self.size, seen, strict=True))
        return replace(self, place=(x, y))

    def opened(self) -> Comparison:
        """The comparison with its pixels, read where they are looked at; raises SharpError when they are gone."""
        try:
            files = [np.load(self.folder / _file(n), mmap_mode="r") for n in range(len(self.comparison.candidates))]
        except FileNotFoundError as error:
            raise SharpError(
                say(
                    "this comparison has been deleted (the session ended or was unused for an hour); "
                    "upload the image again"
                )
            ) from error
        return _with_pixels(self.comparison, files)


def keep(comparison: Comparison, folder: Path, name: str, asked: tuple[object, ...], seen: tuple[int, int]) -> Kept:
    """Write the pixels of all candidates to a folder. Raises SharpError."""
    try:
        for number, candidate in enumerate(comparison.candidates):
            np.save(folder / _file(number), candidate.pixels)
    except OSError as error:
        reason = error.strerror or error
        raise SharpError(say("not enough disk space for the comparison ({reason})", reason=reason)) from error
    none: Pixels = np.empty((0, 0, 3), np.uint8)
    bare = _with_pixels(comparison, [none] * len(comparison.candidates))
    return Kept(bare, folder, name, asked, comparison.size, seen)


def _file(number: int) -> str:
    return f"{number}.npy"


def _with_pixels(comparison: Comparison, pixels: list[Pixels]) -> Comparison:
    own = [replace(one, pixels=new) for one, new in zip(comparison.candidates, pixels, strict=True)]
    last: list[Candidate] = own[len(comparison.results) + 1 :]
    results = tuple(own[1 : len(comparison.results) + 1])
    return replace(comparison, input=own[0], results=results, reference=last[0] if last else None)
