"""The tab Score: results against their references, with the gain over the inputs where those are given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.errors import PictureError, SharpError
from sharpcli.web import score_view as view
from sharpcli.web.edge import told

if TYPE_CHECKING:
    from sharpcli.pairing import Pair
    from sharpcli.web.page import Page

LONGEST = 32
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
        stop = gr.Button("Stop", visible=False, elem_id="score-stop")
    status = gr.HTML(elem_id="score-status")
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

        folder = page.visits.folder(request)
        pairs, failures = _paired(page, folder, results, references, inputs)
        scores: list[Score] = []
        # Closed with this generator, which is when the visitor stops it or leaves.
        with closing(score_all(pairs, convention, AT_ONCE)) as outcomes:
            yield {
                status: view.html("progress", 0, len(pairs)),
                stop: gr.Button(visible=True),
                found: gr.Column(visible=False),
            }
            for done, outcome in enumerate(outcomes, 1):
                if isinstance(outcome, Score):
                    scores.append(outcome)
                else:
                    failures.append(str(outcome))
                yield {status: view.html("progress", done, len(pairs))}
        failures = [_from_inside(folder, failure) for failure in failures]
        yield {status: view.html("not_scored", failures, bool(scores))}
        if not scores:
            return
        csv = folder / "scores.csv"
        csv.write_bytes(as_csv(scores, convention).encode())
        yield {
            found: gr.Column(visible=True),
            mean: view.mean_table(scores, convention),
            download: gr.DownloadButton(value=str(csv)),
            bars: view.bars(scores),
            table: view.table(scores),
            worst: view.worst(scores, pairs),
        }

    running = start.click(
        run,
        [results, references, inputs, convention],
        [status, stop, found, mean, download, bars, table, worst],
        show_progress="hidden",
        concurrency_id="score",
        concurrency_limit=1,
        api_visibility="private",
    )
    running.then(lambda: gr.Button(visible=False), None, stop, show_progress="hidden", api_visibility="private")
    stop.click(
        lambda: (view.html("stopped"), gr.Button(visible=False)),
        None,
        [status, stop],
        cancels=[running],
        show_progress="hidden",
        api_visibility="private",
    )


def _upload(label: str, elem_id: str) -> gr.File:
    return gr.File(label=label, file_count="multiple", height=180, min_width=280, elem_id=elem_id)


def _paired(
    page: Page, folder: Path, results: list[str], references: list[str], inputs: list[str]
) -> tuple[list[Pair], list[str]]:
    """The pairs that can be scored, and in words why others cannot; raises SharpError when it is unclear what pairs."""
    from sharpcli.pairing import NO_RESULT, pair_folders

    for name, files in (("results", results), ("references", references), ("inputs", inputs)):
        if files:
            _put(files, folder / name)
        elif name != "inputs":
            raise SharpError(f"no {name} yet: add them first")
    try:
        pairs, alone = pair_folders(folder / "results", folder / "references", folder / "inputs" if inputs else None)
    except SharpError as error:
        raise SharpError(_from_inside(folder, str(error))) from error
    fit, failures = [], [f"{stem}: {NO_RESULT}" for stem in alone]
    for pair in pairs:
        for path in filter(None, pair[1:]):
            try:
                page.limits.check(path)
            except PictureError as error:
                failures.append(f"{path}: {error}")
                break
        else:
            fit.append(pair)
    return fit, failures


def _put(files: list[str], folder: Path) -> None:
    import shutil

    folder.mkdir()
    for file in files:
        shutil.copyfile(file, folder / Path(file).name)


def _from_inside(folder: Path, sentence: str) -> str:
    """The sentence as the command line says it in that folder: the visitor knows results/a.png, not where it lies."""
    return sentence.replace(f"{folder / 'x'}"[:-1], "")
