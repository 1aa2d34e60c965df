"""What the tab Compare shows: enhancers compared once, then looked at in one place after another."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.compare.compare import Result, check_memory, lined_up, most_changed, scored
from sharpcli.compare.sheet import about, contact_sheet, overview
from sharpcli.errors import SharpError
from sharpcli.image.crops import as_png, window
from sharpcli.image.thumbnails import small
from sharpcli.image.write import write_picture
from sharpcli.pipeline.guard import settled
from sharpcli.pipeline.spec import Contender
from sharpcli.scoring.score import rgb_of
from sharpcli.web.error_handling import named
from sharpcli.web.tasks.kept import Kept, keep
from sharpcli.web.views.crops import crop_grid

if TYPE_CHECKING:
    from sharpcli.web.context import Page

Asked = tuple[Path, float, tuple[Contender, ...], Path | None, str]
"""Picture, upscale, enhancers, reference and convention."""
SEEN = (720, 480)
"""Most pixels of the picture in which the place is marked."""
LOOKS = 3
"""Sheets of a comparison that stay on the disk."""


def compared(page: Page, request: gr.Request, before: Kept | None, asked: Asked, progress: gr.Progress) -> Kept:
    """What was asked for, which takes the place of what was compared before; raises SharpError."""
    path, upscale, contenders, reference, convention = asked
    if not contenders:
        raise SharpError("tick an enhancer to compare with the input")
    original = None
    if reference is not None:
        with named(reference):
            page.limits.check(reference)
            original = rgb_of(page.recent.before(reference))
    with named(path):
        page.limits.check(path, upscale)
        untouched = page.recent.before(path, upscale)
        check_memory(untouched.pixels.shape[0] * untouched.pixels.shape[1], len(contenders))
    enhancers = [(contender, settled(contender.enhancer(upscale))) for contender in contenders]

    def results() -> Iterator[Result]:
        for number, (contender, enhancer) in enumerate(enhancers):
            progress((number, len(enhancers)), desc=contender.label)
            found = page.recent.sharpened(path, enhancer, upscale)
            yield Result(contender.label, found.after, found.seconds)

    comparison = scored(lined_up(untouched, results(), original, upscale), convention)
    older = (*before.older, before.folder) if before else ()
    for folder in older[:-1]:
        shutil.rmtree(folder, ignore_errors=True)
    seen = small(comparison.input.pixels, "RGB", SEEN).size
    kept = keep(comparison, page.visits.folder(request), path.name, asked, seen)
    place = before.place if before and before.asked[:2] == asked[:2] else None
    # The comparison before this one may be looked at by an event that is just going on.
    return replace(kept, place=place, older=older[-1:])


def looked(kept: Kept, side: int, zoom: int) -> list[Any]:
    """The row that is seen now, the picture with the place marked, the crops, what is to know of them, the sheet."""
    comparison = kept.opened()
    place = kept.place or most_changed(comparison, side)
    where = window(place, side, kept.size)
    sheet = kept.folder / f"sheet-{place[0]}-{place[1]}-{side}-{zoom}" / f"{Path(kept.name).stem}-compare.png"
    write_picture(contact_sheet(comparison, [place], kept.name, side, zoom), sheet)
    marked = sheet.with_name("place.png")
    marked.write_bytes(as_png(overview(comparison, [where], SEEN), comparison.profile))
    # The browser may still be fetching what was looked at before.
    for old in sorted(kept.folder.glob("sheet-*"), key=lambda one: one.stat().st_mtime)[:-LOOKS]:
        shutil.rmtree(old, ignore_errors=True)
    return [
        gr.Row(visible=True),
        str(marked),
        crop_grid(comparison, where, zoom),
        " ".join(about(comparison, where, zoom)),
        str(sheet),
    ]
