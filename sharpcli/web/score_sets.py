"""The sets of files that a visitor wants compared, as pairs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import PictureError, SharpError

if TYPE_CHECKING:
    from sharpcli.pairing import Pair
    from sharpcli.web.limits import Limits

Files = Sequence[str] | None


def paired(
    limits: Limits, folder: Path, results: Files, references: Files, inputs: Files
) -> tuple[list[Pair], list[str]]:
    """The pairs that can be scored, laid out in an empty folder, and in words why others cannot.

    Raises SharpError when results or references are missing and when it is unclear what pairs.
    """
    from sharpcli.pairing import NO_RESULT, pair_folders

    if not results or not references:
        raise SharpError(f"no {'references' if results else 'results'} yet; add them first")
    sets = {"results": results, "references": references, "inputs": inputs}
    tops = {name: _laid_out(files, folder / name) for name, files in sets.items() if files}
    try:
        pairs, alone = pair_folders(tops["results"], tops["references"], tops.get("inputs"))
    except SharpError as error:
        raise SharpError(from_inside(folder, str(error))) from error
    fit, failures = [], [f"{stem}: {NO_RESULT}" for stem in alone]
    for pair in pairs:
        try:
            for path in filter(None, pair[1:]):
                limits.check(path)
            fit.append(pair)
        except PictureError as error:
            failures.append(f"{from_inside(folder, str(path))}: {error}")
    return fit, failures


def from_inside(folder: Path, sentence: str) -> str:
    """The sentence as the command line says it in that folder: the visitor knows results/a.png, not where it lies."""
    return sentence.replace(f"{folder}{os.sep}", "")


def _laid_out(files: Sequence[str], folder: Path) -> Path:
    """The folder, with the files in it, or the only folder within: an archive often holds no more than one."""
    folder.mkdir()
    for file in files:
        shutil.copyfile(file, folder / Path(file).name)
    found = list(folder.iterdir())
    while len(found) == 1 and found[0].is_dir():
        folder = found[0]
        found = list(folder.iterdir())
    return folder
