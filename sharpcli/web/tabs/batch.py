"""The tab Batch: images or zip archives in, a zip archive of results and a report out."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.web.error_handling import report_errors
from sharpcli.web.tasks.batch import Order, RunningBatch
from sharpcli.web.views import batch as view
from sharpcli.web.widgets.settings import Settings, place
from sharpcli.web.widgets.uploads import many_files

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def tab(page: Page) -> None:
    """Build the tab; nothing is done before the button is pressed."""
    stopping, latest = gr.State(None), gr.State(None)
    form = Settings(page.limits, "batch")
    choice, upscale, strength, format = form.choice, form.upscale, form.strength, form.format
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=320):
            files = many_files(label="Images or zip archives", height=220, elem_id="batch-input")
            place(form.preset, strength, form.more)
            strip = gr.Checkbox(
                label="Strip metadata",
                info="remove camera data, location and text; the colour profile is kept",
                elem_id="batch-strip",
            )
        with gr.Column(scale=2, min_width=320):
            with gr.Row():
                start = gr.Button("Start", variant="primary", elem_id="batch-start")
                stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="batch-stop")
            status = gr.HTML(view.INVITATION, elem_id="batch-status")
            with gr.Row(visible=False) as downloads:
                archive = gr.DownloadButton("Results (zip)", variant="primary", elem_id="batch-archive")
                html = gr.DownloadButton("Report (html)", elem_id="batch-report")
                csv = gr.DownloadButton("Report (csv)", elem_id="batch-csv")
            table = gr.HTML(elem_id="batch-table")

    def begin() -> dict[Any, Any]:
        return {
            **{start: gr.Button(interactive=False), stop: gr.Button(interactive=True), stopping: threading.Event()},
            **{status: "", table: "", downloads: gr.Row(visible=False)},
        }

    def halt(stopping: threading.Event | None) -> gr.Button:
        if stopping is not None:
            stopping.set()
        return gr.Button(interactive=False)

    @report_errors
    def run(
        request: gr.Request,
        stopping: threading.Event,
        last: str | None,
        uploads: list[str] | None,
        upscale: float,
        strength: float,
        format: str,
        strip: bool,
        *values: Any,
    ) -> Iterator[dict[Any, Any]]:
        from sharpcli.batch.job import sharpening, written

        try:
            if not uploads:
                raise SharpError("no images yet; add some first")
            enhancer = choice.chosen(*values, upscale=upscale)
            job, settings = sharpening(enhancer, upscale, strength)
            job, settings = written(job, page.limits.recorded(enhancer, settings), format=format or None, strip=strip)
            job = replace(job, allow=partial(page.limits.allow, upscale=upscale))
            if last:
                shutil.rmtree(last, ignore_errors=True)
            folder = page.visits.folder(request)
            given, unpacked = list(map(Path, uploads)), page.limits.unpacked
            batch = RunningBatch(Order(given, folder, job, settings, format or None, unpacked), stopping)
            yield {latest: str(folder)}
            # Closed with this generator, which is when the visitor leaves.
            with closing(batch.steps()) as steps:
                for _ in steps:
                    yield {status: view.progress(batch), table: view.latest(batch.rows)}
        except SharpError as error:
            yield {status: view.problem(error)}
            return
        yield {
            status: view.ending(batch),
            table: view.whole(batch.rows),
            downloads: gr.Row(visible=True),
            archive: view.download(batch.order.archive),
            **{button: view.download(path) for button, path in zip((html, csv), batch.order.reports, strict=True)},
        }

    at_once: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
    running = start.click(begin, None, [start, stop, stopping, status, table, downloads], **at_once).then(
        run,
        [stopping, latest, files, upscale, strength, format, strip, *choice.inputs],
        [status, table, downloads, archive, html, csv, latest],
        show_progress_on=[status],
        concurrency_id="batch",
        concurrency_limit=1,
        api_visibility="private",
    )
    for over in (running.success, running.failure):  # not `then`, which Gradio forgets after a failure
        over(lambda: (gr.Button(interactive=True), gr.Button(interactive=False)), None, [start, stop], **at_once)
    stop.click(halt, stopping, stop, **at_once)
