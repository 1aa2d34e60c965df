"""Finds which result belongs to which reference."""

from __future__ import annotations

from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.names import shown
from sharpcli.files.walk import Unreadable, walk

NO_RESULT = "no result for this reference"

Pair = tuple[str, Path, Path, Path | None]
"""Name, result, reference and the input where it is given."""


def pair_folders(result: Path, reference: Path, baseline: Path | None) -> tuple[list[Pair], list[str]]:
    """(name, result, reference, input) of each result, paired by path without ending, and references with no result.

    Single files pair with each other whatever their names. Raises SharpError for a missing folder, for a result
    without reference or input, and for two files that differ only in their ending: guessing could score the wrong pair.
    """
    for path in (result, reference, baseline):
        if path is not None and not path.exists():
            raise SharpError(f"no such file or folder: {path}")
    if result.is_file() and reference.is_file():
        return [(result.stem, result, reference, baseline)], []
    results, references = _by_stem(result), _by_stem(reference)
    inputs = _by_stem(baseline) if baseline else None
    if not results:
        raise SharpError(f"no images found in {result}")
    for stem, path in results.items():
        for folder, others in ((reference, references), (baseline, inputs)):
            if others is not None and stem not in others:
                raise SharpError(
                    f"{path} has no counterpart in {folder}; files are paired by path without the extension"
                )
    pairs = [(stem, path, references[stem], inputs[stem] if inputs else None) for stem, path in results.items()]
    return pairs, [stem for stem in references if stem not in results]


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SharpError(f"{folder} is a file; give two folders or two files")
    found: dict[str, Path] = {}
    unreadable: list[Unreadable] = []
    for here, names in walk(folder, recursive=True, glob=("*",), exclude=(), outputs=(), unreadable=unreadable):
        for name in names:
            path, stem = folder / here / name, (here / name).with_suffix("").as_posix()
            if stem in found:
                raise SharpError(f"{shown(found[stem])} and {shown(path)} differ only in their extension; remove one")
            found[stem] = path
    if unreadable:
        raise SharpError(f"{shown(unreadable[0][0])} {unreadable[0][1]}, so its images cannot be paired")
    return found
