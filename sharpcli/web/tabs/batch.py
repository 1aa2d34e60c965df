"""The tab Batch: images or zip archives in; each result, a zip archive of all and a report out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.web.error_handling import report_errors
from sharpcli.web.tabs.batch_progress import AT_ONCE, BatchProgress, FoundAgain
from sharpcli.web.tasks.batch import Order
from sharpcli.web.tasks.batches import Batches
from sharpcli.web.views import batch as view
from sharpcli.web.widgets.settings import Settings, place
from sharpcli.web.widgets.uploads import many_files
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def tab(page: Page, again: FoundAgain) -> None:
    """Build the tab; nothing is done before the button is pressed, or a batch is found again."""
    batches = Batches()
    form = Settings(page.limits, "batch")
    choice, upscale, strength, format = form.choice, form.upscale, form.strength, form.format
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=320):
            files = many_files(label=say("Images or zip archives"), height=220, elem_id="batch-input")
            chosen = gr.HTML(elem_id="batch-chosen")
            place(form.preset, strength, form.more)
            strip = gr.Checkbox(
                label=say("Strip metadata"),
                info=say("remove camera data, location and text; the colour profile is kept"),
                elem_id="batch-strip",
            )
        with gr.Column(scale=2, min_width=320):
            progress = BatchProgress(batches, again)

    @report_errors
    def begin(
        last: str | None,
        uploads: list[str] | None,
        upscale: float,
        strength: float,
        format: str,
        strip: bool,
        *values: Any,
    ) -> dict[Any, Any]:
        from sharpcli.batch.job import sharpening, written
        from sharpcli.web.tasks.archive import take_over

        try:
            if not uploads:
                raise SharpError(say("no images yet; add some first"))
            enhancer = choice.chosen(*values, upscale=upscale)
            job, made = sharpening(enhancer, upscale, strength)
            job, made = written(job, page.limits.recorded(enhancer, made), format=format or None, strip=strip)
            job = replace(job, allow=partial(page.limits.allow, upscale=upscale))
            folder = page.visits.new_folder()
            try:
                taken = take_over(list(map(Path, uploads)), folder / "uploads")
                token = batches.start(Order(taken, folder, job, made, format or None, page.limits.unpacked))
            except SharpError:
                page.visits.delete(folder)
                raise
        except SharpError as error:
            return {progress.status: view.problem(str(error))}
        batches.drop(last)
        return {again.token: token, **progress.shown(token)}

    files.change(view.chosen, files, chosen, **AT_ONCE)
    progress.start.click(
        begin,
        [again.token, files, upscale, strength, format, strip, *choice.inputs],
        [again.token, *progress.outputs],
        **AT_ONCE,
    )
