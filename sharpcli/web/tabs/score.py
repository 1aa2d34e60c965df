"""The tab Score: results against their references, with the gain over the inputs where those are given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.plugin.catalog import metric_entries
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.error_handling import report_errors
from sharpcli.web.limits import AT_ONCE
from sharpcli.web.tasks.score import RunningScore
from sharpcli.web.tasks.score_sets import Files, Sets
from sharpcli.web.tasks.turns import StoppedError
from sharpcli.web.views import score as view
from sharpcli.web.visitors.presence import visitor
from sharpcli.web.widgets.uploads import many_files
from sharpcli.web.words.say import say, say_known

if TYPE_CHECKING:
    from sharpcli.web.context import Page


KIND = "score"


def tab(page: Page) -> None:
    """Build the tab; nothing is scored before the button is pressed."""
    gr.Markdown(
        say(
            "Scores results against reference images. Files are paired by name, ignoring the extension. "
            "Upload a folder as a zip file; subfolders are included."
        )
    )
    with gr.Row():
        results = _upload(say("Results"), "score-results")
        references = _upload(say("References (sharp originals)"), "score-references")
        inputs = _upload(say("Inputs before enhancing (optional)"), "score-inputs")
    convention = gr.Radio(
        [
            (say("rgb: R, G and B, whole image"), "rgb"),
            (say("y: luma only, 2-pixel border cropped, as in research papers"), "y"),
        ],
        value="rgb",
        label=say("Convention"),
        elem_id="score-convention",
    )
    metrics = gr.CheckboxGroup(
        [(f"{entry.name.upper()}: {say_known(entry.summary)}", entry.name) for entry in metric_entries()],
        value=[metric.name for metric in STANDARD],
        label=say("Metrics"),
        elem_id="score-metrics",
    )
    with gr.Row():
        start = gr.Button(say("Score"), variant="primary", elem_id="score-start")
        stop = gr.Button(say("Stop"), variant="stop", interactive=False, elem_id="score-stop")
    status = gr.HTML(view.invitation(), elem_id="score-status")
    with gr.Column(visible=False) as found:
        with gr.Row(equal_height=False):
            with gr.Column(scale=1, min_width=300):
                mean = gr.HTML(elem_id="score-mean")
                download = gr.DownloadButton(say("Download as CSV"), elem_id="score-csv")
            with gr.Column(scale=2, min_width=300):
                bars = gr.HTML(elem_id="score-bars")
        table = gr.Dataframe(label=say("Scores by image"), interactive=False, elem_id="score-table")
        worst = gr.HTML(elem_id="score-worst")

    def failed(message: str) -> dict[Any, Any]:
        return {status: view.html("failed", message), stop: gr.Button(interactive=False)}

    @report_errors(otherwise=failed)
    def run(
        request: gr.Request, results: Files, references: Files, inputs: Files, convention: str, names: list[str]
    ) -> Iterator[dict[Any, Any]]:
        from sharpcli.scoring.score import chosen_metrics

        if not names:
            raise SharpError(say("select at least one metric"))
        sets, chosen = Sets(results, references, inputs), chosen_metrics(names)
        folder = page.visits.folder(request)
        score = RunningScore(sets, folder, convention, chosen)
        try:
            with page.runs.run(visitor(request), KIND) as turns:
                yield {status: view.html("looking"), found: gr.Column(visible=False), stop: gr.Button(interactive=True)}
                try:
                    # Closed with this generator, which is when the visitor leaves.
                    with closing(score.steps(page.limits, turns)) as steps:
                        for done in steps:
                            yield {status: view.html("progress", done, len(score.pairs))}
                except StoppedError:
                    score.stopped = True
            shown: dict[Any, Any] = {}
            if score.scores and not score.stopped:
                shown = {
                    found: gr.Column(visible=True),
                    mean: view.mean_table(score.scores, convention),
                    download: gr.DownloadButton(value=str(score.write_csv(page.visits.folder(request) / "scores.csv"))),
                    bars: view.bars(score.scores),
                    table: view.table(score.scores),
                    worst: view.worst(score.scores, score.pairs),
                }
            # All at once and last: Gradio sends what came last once more, and so draws it however busy it is.
            yield {**shown, status: view.ending(score), stop: gr.Button(interactive=False)}
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def halt(request: gr.Request) -> dict[Any, Any]:
        going = page.runs.stop(str(request.session_hash), KIND)
        return {stop: gr.Button(interactive=False), **({status: view.html("stopping")} if going else {})}

    start.click(
        run,
        [results, references, inputs, convention, metrics],
        [status, stop, found, mean, download, bars, table, worst],
        show_progress_on=[status],
        concurrency_id="network",
        concurrency_limit=AT_ONCE,
        api_visibility="private",
    )
    stop.click(halt, None, [status, stop], show_progress="hidden", queue=False, api_visibility="private")


def _upload(label: str, elem_id: str) -> gr.File:
    return many_files(label=label, height=180, min_width=280, elem_id=elem_id)
