"""The tab Batch: images or zip archives in; each result, a zip archive of all and a report out."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.web.error_handling import report_errors
from sharpcli.web.tabs.batch_progress import AT_ONCE, BatchProgress, FoundAgain
from sharpcli.web.tasks.batch import Order
from sharpcli.web.tasks.batches import Batches
from sharpcli.web.views import batch as view
from sharpcli.web.widgets.enhancer_choice import FORMAT_CHOICES, EnhancerChoice
from sharpcli.web.widgets.uploads import many_files

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def tab(page: Page, again: FoundAgain) -> None:
    """Build the tab; nothing is done before the button is pressed, or a batch is found again."""
    batches = Batches()
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=320):
            files = many_files(label="Images or zip archives", height=220, elem_id="batch-input")
            chosen = gr.HTML(elem_id="batch-chosen")
            strength = gr.Slider(
                0,
                MAX_STRENGTH,
                1,
                step=0.05,
                label="Strength",
                info="0 = the input, 1 = the result, above 1 = more of the same change",
                elem_id="batch-strength",
            )
            with gr.Accordion("More settings", open=False, elem_id="batch-more"):
                choice = EnhancerChoice(page.limits, prefix="batch")
                upscale = gr.Slider(
                    1,
                    4,
                    1,
                    step=0.5,
                    label="Upscale",
                    info="factor to enlarge by before enhancing",
                    elem_id="batch-upscale",
                )
                format = gr.Dropdown(
                    FORMAT_CHOICES, value="", label="Output format", info="HEIC becomes JPEG", elem_id="batch-format"
                )
                strip = gr.Checkbox(
                    label="Strip metadata",
                    info="remove camera data, location and text; the colour profile is kept",
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
                raise SharpError("no images yet; add some first")
            job, made = sharpening(choice.chosen(*values, upscale=upscale), upscale, strength)
            job, made = written(job, made, format=format or None, strip=strip)
            job = replace(job, allow=partial(page.limits.allow, upscale=upscale))
            folder = page.visits.new_folder()
            try:
                taken = take_over(list(map(Path, uploads)), folder / "uploads")
                token = batches.start(Order(taken, folder, job, made, format or None))
            except SharpError:
                shutil.rmtree(folder, ignore_errors=True)
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
