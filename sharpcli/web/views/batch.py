"""How a batch is shown on the page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

import gradio as gr

from sharpcli.files.names import shown
from sharpcli.web.tasks.batch import RunningBatch
from sharpcli.web.tasks.batch_files import BatchFile

INVITATION = "<p>Add images or zip archives, then press Start. Results keep the names and folders of their inputs.</p>"
DOING = {
    "waiting": "Waiting for the batches of other visitors",
    "unpacking": "Checking the uploads",
    "stopping": "Stopping after the images in progress",
    "packing": "Creating the zip archive",
}
KEPT = "<p>The results can be downloaded here for an hour, also after the page was reloaded.</p>"
SEEN = 200
"""Most rows of the table, because it is sent to the browser again after each file."""


def chosen(uploads: Sequence[str] | None) -> str:
    """Number and size of the uploads, as HTML."""
    if not uploads:
        return ""
    size = sum(path.stat().st_size for path in map(Path, uploads) if path.is_file())
    return f"<p>Files: {len(uploads)}, {size / 1e6:.1f} MB in total</p>"


def progress(batch: RunningBatch, ahead: int) -> str:
    """The progress, as HTML; `ahead` are the batches before this one."""
    doing = "stopping" if batch.ending and batch.doing == "sharpening" else batch.doing
    if doing in DOING:
        line = f"{DOING[doing]} ({ahead} before yours)" if doing == "waiting" and ahead else DOING[doing]
        return f"<p><progress></progress> {line}</p>"
    failed = sum(file.failed for file in batch.files)
    parts = [f"{batch.over} of {len(batch.files)} files"]
    parts += [f"{failed} failed"] if failed else []
    parts += [left(batch.seconds_left)] if batch.seconds_left is not None else []
    bar = f'<progress value="{batch.over}" max="{len(batch.files)}"></progress>'
    return f"<p>{bar} {', '.join(parts)}</p>"


def left(seconds: float) -> str:
    """About how long something will take."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than 1 min left"
    return f"about {minutes // 60} h {minutes % 60} min left" if minutes >= 60 else f"about {minutes} min left"


def ending(batch: RunningBatch) -> str:
    """The summary at the end, or why nothing was processed, as HTML."""
    if batch.summary is None or batch.problem:
        return problem(batch.problem)
    lines = filter(None, [batch.summary.line(), batch.summary.trouble])
    return "".join(f"<p>{_text(line[:1].upper() + line[1:])}</p>" for line in lines) + KEPT


def problem(reason: str) -> str:
    """Why nothing was processed, as HTML."""
    return f"<p><b>Nothing was processed:</b> {_text(reason)}</p>"


def table(batch: RunningBatch) -> str:
    """The table of the files as HTML: in their order, so that each keeps its place; at the end failures first."""
    numbered = list(enumerate(batch.files))
    # A page of the table at a time, the one that is worked on.
    first = batch.over // SEEN * SEEN
    if not batch.doing:
        numbered.sort(key=lambda one: not one[1].failed)
        # Those that were not reached are in the report.
        numbered, first = [one for one in numbered if one[1].row], 0
    rows = numbered[first : first + SEEN]
    if not rows or batch.problem:
        return ""
    more = f"<p>Files {first + 1} to {first + len(rows)} of {len(numbered)}.</p>" if len(rows) < len(numbered) else ""
    names = ("Before and after", "File", "Status", "Pixels", "Time", "Result")
    head = "".join(f"<th scope=col>{name}</th>" for name in names)
    body = "".join(_row(number, file, batch.in_hand) for number, file in rows)
    return f"{more}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(number: int, file: BatchFile, in_hand: Path | None) -> str:
    row = file.row or {"status": "processing" if file.source == in_hand else "waiting"}
    reason = f"<br><small>{_text(row['reason'])}</small>" if row.get("reason") else ""
    seconds = f"{row['seconds']:.1f} s" if file.done else ""
    return (
        f'<tr class="{row["status"]}"><td>{_pair(number, file)}</td><td><bdi>{_text(file.name)}</bdi>{reason}</td>'
        f"<td>{row['status']}</td><td>{_pixels(file)}</td><td>{seconds}</td><td>{download_link(file)}</td></tr>"
    )


def _pair(number: int, file: BatchFile) -> str:
    """The thumbnails, which open the images large."""
    if not file.done:
        return ""
    images = "".join(f'<img src="{_address(path)}" alt="" loading="lazy">' for path in file.thumbnails)
    label = f"Before and after, large: {_text(file.name)}"
    return f'<button type="button" data-row="{number}" aria-label="{label}">{images}</button>'


def download_link(file: BatchFile) -> str:
    """A link to one result; empty where there is none."""
    if not file.done:
        return ""
    name = _text(file.download.name)
    return f'<a href="{_address(file.download)}" download aria-label="Download {name}">Download</a>'


def large(file: BatchFile, pair: Sequence[Path]) -> str:
    """The dialog that shows a file before and after, as HTML; the page's script opens it."""
    images = "".join(
        f'<figure><img src="{_address(path)}" alt="{title}"><figcaption>{title}</figcaption></figure>'
        for path, title in zip(pair, ("Before", "After"), strict=True)
    )
    name = _text(file.name)
    return (
        f'<dialog aria-label="Before and after: {name}"><header><bdi>{name}</bdi>{download_link(file)}'
        f'<button type="button" data-close>Close</button></header><div>{images}</div></dialog>'
    )


def _pixels(file: BatchFile) -> str:
    if file.row is None or file.row["width"] is None:
        return ""
    before, after = (f"{file.row[f'{name}width']} x {file.row[f'{name}height']}" for name in ("", "output_"))
    return before if after == before else f"{before} to {after}"


def _address(path: Path) -> str:
    return escape(f"gradio_api/file={quote(path.as_posix(), safe='/:')}")


def _text(text: str) -> str:
    return escape(shown(text))


def download(path: Path) -> gr.DownloadButton:
    """A button for a file, if it could be written."""
    there = path.is_file()
    return gr.DownloadButton(value=str(path) if there else None, interactive=there)
