"""How a batch is shown on the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.web.tasks.batch import RunningBatch

INVITATION = "<p>Add images or zip archives, then press Start. Results keep the names and folders of their inputs.</p>"
DOING = {
    "unpacking": "Checking the uploads",
    "stopping": "Stopping after the images in progress",
    "packing": "Creating the zip archive",
}
SEEN = 200
"""Most rows of the table, because it is sent to the browser again after each step."""


def progress(batch: RunningBatch) -> str:
    """The progress, as HTML."""
    doing = "stopping" if batch.stopping.is_set() and batch.doing == "sharpening" else batch.doing
    if doing in DOING:
        return f"<p><progress></progress> {DOING[doing]}</p>"
    done = len(batch.rows)
    in_hand = f", processing <bdi>{_text(batch.in_hand)}</bdi>" if batch.in_hand else ""
    return f'<p><progress value="{done}" max="{batch.total}"></progress> {done} of {batch.total} files{in_hand}</p>'


def ending(batch: RunningBatch) -> str:
    """The summary at the end, as HTML."""
    assert batch.summary
    lines = filter(None, [batch.summary.line(), batch.summary.trouble])
    return "".join(f"<p>{_text(line[:1].upper() + line[1:])}</p>" for line in lines)


def problem(error: SharpError) -> str:
    """Why nothing was processed, as HTML."""
    return f"<p><b>Nothing was processed:</b> {_text(str(error))}</p>"


def latest(rows: Sequence[dict[str, Any]]) -> str:
    """The table of a running batch, latest first, as HTML."""
    return _table(rows[: -SEEN - 1 : -1], len(rows), "and {} more before these")


def whole(rows: Sequence[dict[str, Any]]) -> str:
    """The table of a finished batch, failures first, as HTML."""
    ordered = sorted(rows, key=lambda row: (row["status"] != "failed", row["path"]))
    return _table(ordered[:SEEN], len(rows), "{} more are listed in the report")


def _table(rows: Sequence[dict[str, Any]], total: int, rest: str) -> str:
    if not rows:
        return ""
    more = f"<p>{rest.format(total - len(rows))}.</p>" if total > len(rows) else ""
    head = "".join(f"<th scope=col>{name}</th>" for name in ("File", "Status", "Pixels", "Time"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(map(_row, rows))}</tbody></table>{more}"


def _row(row: dict[str, Any]) -> str:
    reason = f"<br><small>{_text(row['reason'])}</small>" if row["reason"] else ""
    seconds = f"{row['seconds']:.1f} s" if row["status"] == "done" else ""
    return (
        f"<tr class={row['status']}><td><bdi>{_text(row['path'])}</bdi>{reason}</td>"
        f"<td>{row['status']}</td><td>{_pixels(row)}</td><td>{seconds}</td></tr>"
    )


def _pixels(row: dict[str, Any]) -> str:
    if row["width"] is None:
        return ""
    before, after = (f"{row[f'{name}width']} x {row[f'{name}height']}" for name in ("", "output_"))
    return before if after == before else f"{before} to {after}"


def _text(text: str) -> str:
    return escape(shown(text))


def download(path: Path) -> gr.DownloadButton:
    """A button for a file, if it could be written."""
    there = path.is_file()
    return gr.DownloadButton(value=str(path) if there else None, interactive=there)
