"""The file formats of a report, each generated with one image in memory at a time."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sharpcli.files.csv_text import csv_lines

STATUSES = ("done", "skipped", "failed", "not reached")
COLUMNS = (
    *("path", "output", "status", "reason", "width", "height", "output_width", "output_height"),
    *("bytes", "output_bytes", "seconds", "frames", "enhancer", "options", "weights"),
)
# Line breaks would hide part of a name, marks of writing direction could show its letters in another order.
INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")

Head = Mapping[str, Any]
"""All that is true of the whole batch."""
Rows = Callable[..., Iterator[dict[str, Any]]]
"""Gives the images of the statuses it is called with, by path."""


def as_json(head: Head, rows: Rows) -> Iterator[str]:
    """One document; a line an image."""
    yield json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}") + ',\n  "images": ['
    comma = "\n    "
    for row in rows(*STATUSES):
        yield comma + json.dumps(row, ensure_ascii=False)
        comma = ",\n    "
    yield "\n  ]\n}\n"


def as_csv(head: Head, rows: Rows) -> Iterator[str]:
    """One row an image, each with what made it."""
    settings = head["settings"]
    made_by = {
        "enhancer": settings.get("enhancer"),
        "options": " ".join(f"{name}={value}" for name, value in (settings.get("options") or {}).items()),
        "weights": " ".join(f"{name}={digest}" for name, digest in head["weights"].items()),
    }
    return csv_lines(COLUMNS, (row | made_by for row in rows(*STATUSES)))


def as_html(head: Head, rows: Rows) -> Iterator[str]:
    """One self-contained page, failures first."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sharpcli.batch", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {f.__name__: f for f in (visible, words, duration, moment, os.path.split)}
    return environment.get_template("report.html.j2").generate(head=head, rows=rows)


def visible(text: str) -> str:
    """The text with a name in angle brackets for each character that has no shape."""
    return INVISIBLE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def words(value: Any) -> str:
    """A setting in readable form."""
    if isinstance(value, Mapping):
        return ", ".join(f"{visible(name)}: {words(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(words, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "not set" if value is None else visible(str(value))


def duration(seconds: float) -> str:
    """Seconds in words: 0.4 s, 12 s, 3 min 5 s, 2 h 10 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {left} s" if minutes else f"{left} s"
    return f"{minutes // 60} h {minutes % 60} min"


def moment(iso: str) -> str:
    """An ISO 8601 time in UTC in readable form."""
    return iso[:19].replace("T", " ") + " UTC"


REPORT_FORMATS: dict[str, Callable[[Head, Rows], Iterator[str]]] = {".json": as_json, ".csv": as_csv, ".html": as_html}
