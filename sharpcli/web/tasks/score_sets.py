"""Pairs the sets of files that a visitor uploads for scoring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import without_base
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.scoring.pairs import Pair
    from sharpcli.web.limits import Limits

Files = Sequence[str] | None


@dataclass(frozen=True)
class Sets:
    """The uploads: images and zip archives."""

    results: Files
    references: Files
    inputs: Files = None


def paired(sets: Sets, folder: Path, limits: Limits) -> tuple[list[Pair], list[str]]:
    """The pairs that can be scored, laid out in an empty folder, and in words what cannot be.

    Raises SharpError when results or references are missing and when it is unclear what pairs.
    """
    from sharpcli.scoring.pairs import NO_RESULT, pair_folders
    from sharpcli.web.tasks.archive import gather

    if not sets.results:
        raise SharpError(say("no results yet; add some first"))
    if not sets.references:
        raise SharpError(say("no references yet; add some first"))
    places, failures = [], []
    for name, files in asdict(sets).items():
        if files:
            places.append(folder / name)
            places[-1].mkdir()
            failures += [f"{path}: {reason}" for path, reason in gather(_there(files), places[-1])]
    tops = _tops(places)
    try:
        pairs, alone = pair_folders(tops[0], tops[1], tops[2] if sets.inputs else None)
    except SharpError as error:
        raise SharpError("; ".join(without_base(folder, text) for text in (str(error), *failures))) from error
    failures += [f"{stem}: {NO_RESULT}" for stem in alone]
    fit = []
    for pair in pairs:
        try:
            for path in filter(None, pair[1:]):
                limits.check(path)
            fit.append(pair)
        except ImageError as error:
            failures.append(f"{path}: {error}")
    return fit, [without_base(folder, failure) for failure in failures]


def _there(files: Sequence[str]) -> list[Path]:
    paths = [Path(file) for file in files]
    if not all(path.is_file() for path in paths):
        raise SharpError(say("some uploads have been deleted after an hour without use; upload them again"))
    return paths


def _tops(places: Iterable[Path]) -> list[Path]:
    """What of each set is to be paired: its folder, or the only thing in it where that says more.

    Archives often hold one folder with all the rest; it is looked into unless another set has it beside something
    else. One file a set pairs whatever it is called.
    """
    held = {place: list(place.iterdir()) for place in places}
    only = {place: paths[0] for place, paths in held.items() if len(paths) == 1}
    if len(only) == len(held) and all(path.is_file() for path in only.values()):
        return list(only.values())
    others = {path.name for place, paths in held.items() if place not in only for path in paths if path.is_dir()}
    within = {place: path for place, path in only.items() if path.is_dir() and path.name not in others}
    return [within.get(place, place) for place in held]
