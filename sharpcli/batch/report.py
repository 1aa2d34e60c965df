"""The report of a batch: the outcome of each image, as JSON, CSV or HTML."""

from __future__ import annotations

import base64
import json
import os
import platform
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from sharpcli.batch.job import Outcome
from sharpcli.batch.report_formats import REPORT_FORMATS, STATUSES
from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.files.csv_text import readable
from sharpcli.files.names import without_base
from sharpcli.files.paths import anchored, current_folder
from sharpcli.version import __version__


class BatchReport:
    """A report file of a batch, written when it is closed; a context manager.

    `about` is anything JSON can hold: `settings` (command, enhancer, options and so on) and `weights` (sha256 by file)
    are shown as such. Outcomes are kept in a temporary file next to the report, so that memory holds only their paths.
    If the batch's folders are deleted afterwards, `base` is the folder above them: paths are relative to it, in
    reasons too, and no advice is given on resuming. Leaving without `close` writes nothing. Raises SharpError if the
    extension is not .json, .csv or .html, or if the report cannot be written.

    The .json has `sharpcli`, `python`, `platform`, `began`, `ended` (ISO 8601, UTC), all of `about`, `summary` and
    `images`, whose members are null where they are not known. Texts are for reading: U+FFFD stands for each byte of
    a name that is no text. Such a name is also given as `path_exact` or `output_exact`, its bytes percent-encoded
    (`urllib.parse.unquote_to_bytes` gives them back). The .csv has a row an image and nothing about the whole;
    `sharpcli.files.csv_text.csv_lines` says how it keeps names from becoming formulas. Both are in the order of the
    paths.
    """

    def __init__(self, path: Path, about: Mapping[str, Any], base: Path | None = None) -> None:
        if path.suffix.lower() not in REPORT_FORMATS:
            given = path.suffix or path.name
            raise SharpError(f"a report must end in {', '.join(REPORT_FORMATS)}, not {given!r}")
        if path.is_dir():
            raise SharpError(f"{path} is a folder; use a file")
        self.path, self._base = path, base
        self._file = anchored(path, current_folder())  # a plugin may change the working folder
        self.wants_thumbnails = path.suffix.lower() == ".html"
        """Whether outcomes should bring thumbnails; others leave them out."""
        self._about = {"settings": {}, "weights": {}} | json.loads(_json(about), parse_constant=str)
        if base:
            self._about["paths"] = "relative"
        self._began = datetime.now(UTC)
        self._index: list[tuple[str, str, int]] = []
        with self._errors_named():
            # Beside the report and not where temporary files usually are: that is memory on many systems.
            path.parent.mkdir(parents=True, exist_ok=True)
            self._spool = tempfile.TemporaryFile(dir=path.parent, prefix=".sharpcli-")  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # on a full disk it tries once more to write what nobody will read
            self._spool.close()

    def add(self, outcome: Outcome) -> None:
        """Take one image's outcome; for one thread only."""
        entry = row(outcome, self._base)
        if self.wants_thumbnails and outcome.thumbnails:
            entry["thumbnails"] = [base64.b64encode(small).decode() for small in outcome.thumbnails]
        with self._errors_named():
            offset = self._spool.seek(0, os.SEEK_END)
            self._spool.write(f"{_json(entry)}\n".encode())
        self._index.append((str(outcome.item.source), outcome.status, offset))

    def close(self, summary: Mapping[str, Any]) -> None:
        """Write the report, whole or not at all; `summary` adds to the counts, `interrupted` for one."""
        self._index.sort()
        ended = datetime.now(UTC)
        counts = Counter(status for _, status, _ in self._index)
        counted = {status.replace(" ", "_"): counts[status] for status in STATUSES}
        took = round((ended - self._began).total_seconds(), 3)
        head = {
            "sharpcli": __version__,
            "python": platform.python_version(),
            "platform": platform.platform(),
            "began": self._began.isoformat(timespec="seconds"),
            "ended": ended.isoformat(timespec="seconds"),
            **self._about,
            "summary": {
                "images": len(self._index),
                **counted,
                "seconds": took,
                "interrupted": False,
                **json.loads(_json(summary), parse_constant=str),
            },
        }
        text = REPORT_FORMATS[self.path.suffix.lower()](head, self._rows)
        with self._errors_named(), whole_file(self._file) as file:
            file.writelines(part.encode() for part in text)
        self._spool.close()

    def _rows(self, *statuses: str) -> Iterator[dict[str, Any]]:
        """The rows of these statuses by path, one at a time from the disk."""
        for _, status, offset in self._index:
            if status in statuses:
                self._spool.seek(offset)
                yield json.loads(self._spool.readline())

    @contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SharpError(f"report {self.path} cannot be written ({error.strerror or error})") from error


def row(outcome: Outcome, base: Path | None = None) -> dict[str, Any]:
    """An outcome as JSON has it, paths relative to `base` where one is given; None for what is not known."""
    width, height = outcome.size or (None, None)
    output_width, output_height = outcome.out_size or (None, None)
    return {
        **_named("path", without_base(base, str(outcome.item.source))),
        **_named("output", without_base(base, str(outcome.item.target))),
        "status": outcome.status,
        "reason": without_base(base, outcome.reason),
        "width": width,
        "height": height,
        "output_width": output_width,
        "output_height": output_height,
        "bytes": outcome.in_bytes or None,
        "output_bytes": outcome.out_bytes or None,
        "seconds": round(outcome.seconds, 3),
        "frames": outcome.frames,
    }


def _named(key: str, text: str) -> dict[str, str]:
    return {key: text} if readable(text) == text else {key: text, f"{key}_exact": quote(os.fsencode(text))}


def _json(value: Any) -> str:
    """One line of JSON that any reader of UTF-8 accepts."""
    return readable(json.dumps(value, ensure_ascii=False))
