"""The side of the tab Batch that shows how a batch goes: buttons, progress, downloads, the files, one file large."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.web.error_handling import report_errors
from sharpcli.web.tasks.batch import RunningBatch
from sharpcli.web.tasks.batches import Batches
from sharpcli.web.views import batch as view
from sharpcli.web.words.say import say

STORED = "sharpcli-batch-token"
"""Where the browser keeps the token of its batch."""
EVERY = 1.0
"""Seconds between two looks of the browser at its batch, which also tell that the visitor is there."""
ELEMENT = "tab-batch"
"""The tab's id in the page."""
VIEWER = Path(__file__).with_suffix(".js")
TABLE = Path(__file__).with_name("batch_table.js")
AT_ONCE: dict[str, Any] = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}


class FoundAgain:
    """What finds a visitor's batch again: built outside the tabs, since what is in one sleeps until that is opened."""

    def __init__(self) -> None:
        # The secret hides nothing; another one each time could not be read once the program was started anew.
        self.token = gr.BrowserState(None, storage_key=STORED, secret="sharpcli")
        self.clock = gr.Timer(EVERY, active=False)
        self.running = gr.HTML(
            visible="hidden",
            js_on_load=f'watch("value", () => props.value && document.getElementById("{ELEMENT}-button")?.click())',
        )
        """Not empty where a batch runs, whose tab is opened by that when the page has just been loaded."""


class BatchProgress:
    """The widgets, and the events that bring them up to date; `outputs` are what `shown` sets."""

    def __init__(self, batches: Batches, again: FoundAgain) -> None:
        self._batches, self._again = batches, again
        self._seen = gr.State(None)
        with gr.Row():
            self.start = gr.Button(say("Start"), variant="primary", elem_id="batch-start")
            self._stop = gr.Button(say("Stop"), variant="stop", interactive=False, elem_id="batch-stop")
        self.status = gr.HTML(view.invitation(), elem_id="batch-status")
        with gr.Row(visible=False) as self._downloads:
            self._archive = gr.DownloadButton(say("Results (zip)"), variant="primary", elem_id="batch-archive")
            self._html = gr.DownloadButton(say("Report (html)"), elem_id="batch-report")
            self._csv = gr.DownloadButton(say("Report (csv)"), elem_id="batch-csv")
        self._table = gr.HTML(
            elem_id="batch-table",
            js_on_load=TABLE.read_text("utf-8"),
        )
        viewer = gr.HTML(elem_id="batch-viewer", js_on_load=VIEWER.read_text())
        files = self._archive, self._html, self._csv
        self.outputs = [self.start, self._stop, self.status, self._downloads, *files, self._table, self._seen]
        self.outputs += [again.clock, again.running]
        # The token changes when the page is loaded in a browser that keeps one, and when a batch begins.
        gr.on([again.token.change, again.clock.tick], self.shown, [again.token, self._seen], self.outputs, **AT_ONCE)
        self._stop.click(self._halt, again.token, self.outputs, **AT_ONCE)
        self._table.click(
            self._look,
            again.token,
            viewer,
            show_progress="minimal",
            show_progress_on=[self._table],
            concurrency_id="look",
            concurrency_limit=1,
            api_visibility="private",
        )

    def shown(self, token: str | None, before: Any = None) -> dict[Any, Any]:
        """The batch as it is now; its table only if that is not what the browser has seen `before`."""
        batch = self._batches.find(token)
        if batch is None:
            return {self._seen: None}
        going = bool(batch.doing)
        state = token, batch.over, batch.in_hand, batch.doing
        update: dict[Any, Any] = {
            self.start: gr.Button(interactive=not going),
            self._stop: gr.Button(interactive=going and not batch.ending),
            self.status: view.progress(batch, self._batches.ahead(batch)) if going else view.ending(batch),
            self._seen: state,
            self._again.clock: gr.Timer(active=going),
        }
        if before is None and going:
            update[self._again.running] = "yes"
        if state != before:
            update |= {self._table: view.table(batch), self._downloads: gr.Row(visible=batch.summary is not None)}
        return update if going else update | self._finished(batch)

    def _finished(self, batch: RunningBatch) -> dict[Any, Any]:
        files = zip((self._archive, self._html, self._csv), (batch.order.archive, *batch.order.reports), strict=True)
        return {button: view.download(path) for button, path in files}

    def _halt(self, token: str | None) -> dict[Any, Any]:
        batch = self._batches.find(token)
        if batch is not None:
            batch.stopping.set()
        return self.shown(token)

    @report_errors
    def _look(self, token: str | None, event: gr.EventData) -> str:
        batch = self._batches.find(token)
        if batch is None or batch.problem:
            raise SharpError(say("these results have been deleted after an hour; start again"))
        file = batch.files[event.row]
        return view.large(file, file.on_screen())
