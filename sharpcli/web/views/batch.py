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
from sharpcli.web.words.say import say

SEEN = 200
"""Most rows of the table, because it is sent to the browser again after each file."""


def invitation() -> str:
    """What to do first, as HTML."""
    words = say("Add images or zip archives, then press Start. Results keep the names and folders of their inputs.")
    return f"<p>{words}</p>"


def chosen(uploads: Sequence[str] | None) -> str:
    """Number and size of the uploads, as HTML."""
    if not uploads:
        return ""
    size = sum(path.stat().st_size for path in map(Path, uploads) if path.is_file())
    words = say("Files: {count}, {size} MB in total", count=len(uploads), size=f"{size / 1e6:.1f}")
    return f"<p>{words}</p>"


def progress(batch: RunningBatch, ahead: int) -> str:
    """The progress, as HTML; `ahead` are the batches before this one."""
    doing = "stopping" if batch.ending and batch.doing == "sharpening" else batch.doing
    if doing != "sharpening":
        return f"<p><progress></progress> {_doing(doing, ahead)}</p>"
    failed = sum(file.failed for file in batch.files)
    parts = [say("{done} of {total} files", done=batch.over, total=len(batch.files))]
    parts += [say("{failed} failed", failed=failed)] if failed else []
    parts += [left(batch.seconds_left)] if batch.seconds_left is not None else []
    bar = f'<progress value="{batch.over}" max="{len(batch.files)}"></progress>'
    return f"<p>{bar} {', '.join(parts)}</p>"


def _doing(doing: str, ahead: int) -> str:
    """What goes on before and after the files."""
    if doing == "waiting" and ahead:
        return say("Waiting for the batches of other visitors ({ahead} before yours)", ahead=ahead)
    return {
        "waiting": say("Waiting for the batches of other visitors"),
        "unpacking": say("Checking the uploads"),
        "stopping": say("Stopping after the images in progress"),
        "packing": say("Creating the zip archive"),
    }[doing]


def left(seconds: float) -> str:
    """About how long something will take."""
    hours, minutes = divmod(round(seconds / 60), 60)
    if hours:
        return say("about {hours} h {minutes} min left", hours=hours, minutes=minutes)
    return say("about {minutes} min left", minutes=minutes) if minutes else say("less than 1 min left")


def ending(batch: RunningBatch) -> str:
    """The summary at the end, or why nothing was processed, as HTML."""
    if batch.summary is None or batch.problem:
        return problem(batch.problem)
    lines = filter(None, [batch.summary.line(say), batch.summary.trouble])
    kept = say("The results can be downloaded here for an hour, also after the page was reloaded.")
    return "".join(f"<p>{_text(line[:1].upper() + line[1:])}</p>" for line in lines) + f"<p>{kept}</p>"


def problem(reason: str) -> str:
    """Why nothing was processed, as HTML."""
    return f"<p><b>{say('Nothing was processed:')}</b> {_text(reason)}</p>"


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
    seen = say("Files {first} to {last} of {total}.", first=first + 1, last=first + len(rows), total=len(numbered))
    more = f"<p>{seen}</p>" if len(rows) < len(numbered) else ""
    names = (say("Before and after"), say("File"), say("Status"), say("Pixels"), say("Time"), say("Result"))
    head = "".join(f"<th scope=col>{name}</th>" for name in names)
    body = "".join(_row(number, file, batch.in_hand) for number, file in rows)
    return f"{more}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(number: int, file: BatchFile, in_hand: Path | None) -> str:
    row = file.row or {"status": "processing" if file.source == in_hand else "waiting"}
    reason = f"<br><small>{_text(row['reason'])}</small>" if row.get("reason") else ""
    seconds = f"{row['seconds']:.1f} s" if file.done else ""
    return (
        f'<tr class="{row["status"]}"><td>{_pair(number, file)}</td><td><bdi>{_text(file.name)}</bdi>{reason}</td>'
        f"<td>{_status(row['status'])}</td><td>{_pixels(file)}</td><td>{seconds}</td><td>{download_link(file)}</td></tr>"
    )


def _status(status: str) -> str:
    known = {
        "waiting": say("waiting"),
        "processing": say("processing"),
        "done": say("done"),
        "skipped": say("skipped"),
        "failed": say("failed"),
        "not reached": say("not reached"),
    }
    return known.get(status, status)


def _pair(number: int, file: BatchFile) -> str:
    """The thumbnails, which open the images large."""
    if not file.done:
        return ""
    images = "".join(f'<img src="{_address(path)}" alt="" loading="lazy">' for path in file.thumbnails)
    label = say("Before and after, large: {file}", file=_text(file.name))
    return f'<button type="button" data-row="{number}" aria-label="{label}">{images}</button>'


def download_link(file: BatchFile) -> str:
    """A link to one result; empty where there is none."""
    if not file.done:
        return ""
    name = say("Download {file}", file=_text(file.download.name))
    return f'<a href="{_address(file.download)}" aria-label="{name}" download>{say("Download")}</a>'


def large(file: BatchFile, pair: Sequence[Path]) -> str:
    """The dialog that shows a file before and after, as HTML; the page's script opens it."""
    images = "".join(
        f'<figure><img src="{_address(path)}" alt="{title}"><figcaption>{title}</figcaption></figure>'
        for path, title in zip(pair, (say("Before"), say("After")), strict=True)
    )
    name = _text(file.name)
    return (
        f'<dialog aria-label="{say("Before and after: {file}", file=name)}">'
        f"<header><bdi>{name}</bdi>{download_link(file)}"
        f'<button type="button" data-close>{say("Close")}</button></header><div>{images}</div></dialog>'
    )


def _pixels(file: BatchFile) -> str:
    if file.row is None or file.row["width"] is None:
        return ""
    before, after = (f"{file.row[f'{name}width']} x {file.row[f'{name}height']}" for name in ("", "output_"))
    return before if after == before else say("{before} to {after}", before=before, after=after)


def _address(path: Path) -> str:
    return escape(f"gradio_api/file={quote(path.as_posix(), safe='/:')}")


def _text(text: str) -> str:
    return escape(shown(text))


def download(path: Path) -> gr.DownloadButton:
    """A button for a file, if it could be written."""
    there = path.is_file()
    return gr.DownloadButton(value=str(path) if there else None, interactive=there)
