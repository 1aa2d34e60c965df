"""Pages whose figures are filled in between markers and whose other words are kept as they were written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from sharpcli.errors import SharpError

REGION = re.compile(r"(<!-- figures: (\S+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def read_page(path: Path, role: str, names: frozenset[str], wanted: frozenset[str] = frozenset()) -> str:
    """The page at `path`, or the packaged one of that role (`benchmarks` or `crops`) where there is none yet.

    Raises SharpError when the page has no region for figures, or one that nothing is measured for: both mean that
    words could be lost; and when it has none for figures that are `wanted`.
    """
    if not path.exists():
        return (files(__package__) / "pages" / f"{role}.md").read_text(encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    found = [match[2] for match in REGION.finditer(text)]
    if not found:
        raise SharpError(f"{path} has no line '<!-- figures: NAME -->' to write at; give another file")
    if unknown := set(found) - names:
        raise SharpError(f"{path} wants figures {', '.join(sorted(unknown))}; there are {', '.join(sorted(names))}")
    if lacking := wanted.difference(found):
        raise SharpError(f"{path} has no line '<!-- figures: {min(lacking)} -->'; add it, and '<!-- end -->' after it")
    return text


def fill(page: str, figures: Mapping[str, str]) -> str:
    """The page with the content of the regions that have figures replaced, and every other character as it was."""
    return REGION.sub(
        lambda match: f"{match[1]}{_spaced(figures[match[2]])}{match[4]}" if match[2] in figures else match[0], page
    )


def _spaced(content: str) -> str:
    """Markdown wants an empty line between a comment and a table."""
    return f"\n{content.strip()}\n\n" if content.strip() else ""
