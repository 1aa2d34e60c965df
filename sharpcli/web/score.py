"""The tab Score: results against their references, with the gain over the inputs where those are given."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.web import score_view as view
from sharpcli.web.edge import told
from sharpcli.web.score_sets import from_inside, paired

if TYPE_CHECKING:
    from sharpcli.web.page import Page

LONGEST = 24
"""Signs of a name that the table shows before it is clicked."""
AT_ONCE = 2
"""Pictures that are scored at a time: other visitors need the processor too."""
CONVENTIONS = [
    ("rgb: red, green and blue, the whole picture", "rgb"),
    ("papers: brightness only, without the outermost pixels, as research papers do", "papers"),
]
INTRODUCTION = (
    "How close do results come to their originals? Files pair by name, whatever their ending. "
    "A folder can come as a zip file, subfolders too."
)


def tab(page: Page) -> None:
    """Build the tab; nothing is scored before the button is pressed."""
    gr.Markdown(INTRODUCTION)
    with gr.Row():
        results = _upload("Results (sharpened)", "score-results")
        references = _upload("References (sharp originals)", "score-references")
        inputs = _upload("Inputs (untouched, optional)", "score-inputs")
    convention = gr.Radio(CONVENTIONS, value="rgb", label="Convention: what is compared", elem_id="score-convention")
    with gr.Row():
        start = gr.Button("Score", variant="primary", elem_id="score-start")
        stop = gr.Button("Stop", variant="stop", interactive=False, elem_id="score-stop")
    status = gr.HTML(view.EMPTY, elem_id="score-status")
    with gr.Column(visible=False) as found:
        with gr.Row(equal_height=False):
            with gr.Column(scale=1, min_width=300):
                mean = gr.HTML(elem_id="score-mean")
                download = gr.DownloadButton("Download as CSV", elem_id="score-csv")
            with gr.Column(scale=2, min_width=300):
                bars = gr.HTML(elem_id="score-bars")
        table = gr.Dataframe(label="Scores by picture", interactive=False, max_chars=LONGEST, elem_id="score-table")
        worst = gr.HTML(elem_id="score-worst")

    @told
    def run(
        request: gr.Request, results: list[str], references: list[str], inputs: list[str], convention: str
    ) -> Iterator[dict[Any, Any]]:
        from sharpcli.score_folder import score_all
        from sharpcli.score_tables import as_csv
        from sharpcli.scoring import Score

        yield {status: view.html("looking"), found: gr.Column(visible=False), stop: gr.Button(interactive=True)}
        sets = page.visits.folder(request)
        scores: list[Score] = []
        try:
            pairs, failures = paired(page.limits, sets, results, references, inputs)
            # Closed with this generator, which is when the visitor stops it or leaves.
            with closing(score_all(pairs, convention, AT_ONCE)) as outcomes:
                for done, outcome in enumerate(outcomes):
                    yield {status: view.html("progress", done, len(pairs))}
                    if isinstance(outcome, Score):
                        scores.append(outcome)
                    else:
                        failures.append(from_inside(sets, str(outcome)))
            yield {status: view.html("ending", len(scores), failures)}
            if scores:
                csv = page.visits.folder(request) / "scores.csv"
                csv.write_bytes(as_csv(scores, convention).encode())
                yield {
                    found: gr.Column(visible=True),
                    mean: view.mean_table(scores, convention),
                    download: gr.DownloadButton(value=str(csv)),
                    bars: view.bars(scores),
                    table: view.table(scores),
                    worst: view.worst(scores, pairs),
                }
        except SharpError:
            yield {status: view.EMPTY}
            raise
        finally:
            shutil.rmtree(sets, ignore_errors=True)

    running = start.click(
        run,
        [results, references, inputs, convention],
        [status, stop, found, mean, download, bars, table, worst],
        show_progress_on=[status],
        concurrency_id="score",
        concurrency_limit=1,
        api_visibility="private",
    )
    running.then(
        lambda: gr.Button(interactive=False), None, stop, show_progress="hidden", queue=False, api_visibility="private"
    )
    stop.click(
        lambda: (view.html("stopped"), gr.Button(interactive=False)),
        None,
        [status, stop],
        cancels=[running],
        show_progress="hidden",
        queue=False,
        api_visibility="private",
    )


def _upload(label: str, elem_id: str) -> gr.File:
    return gr.File(label=label, file_count="multiple", height=180, min_width=280, elem_id=elem_id)
