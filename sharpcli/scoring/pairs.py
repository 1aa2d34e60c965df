"""Finds which result belongs to which reference."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from sharpcli.errors import SharpError
from sharpcli.files.clips import called_a_clip, container_of
from sharpcli.files.formats import ending_of
from sharpcli.files.names import shown, tag
from sharpcli.files.paths import first_bytes, is_image, names_folder
from sharpcli.files.unsupported import called_an_image
from sharpcli.files.walk import Unreadable, walk

NO_RESULT = "no result for this reference"
SUFFIXES = ("-sharp", "-degraded")
"""How the names of results end that lie beside their inputs."""
TAG = re.compile(r"-([0-9a-f]{8})\Z")

Pair = tuple[str, Path, Path, Path | None]
"""Name, result, reference and the input where it is given."""


def pair_folders(result: Path, reference: Path, baseline: Path | None) -> tuple[list[Pair], list[str]]:
    """(name, result, reference, input) of each result, and the names of references with no result.

    Files pair by their path without the ending, and by the names that a batch gives to results where that would not do:
    that of `a.jpg` can be `a.jpg.webp`, `a-sharp.jpg` or `a.jpg-1f3870be.webp`. Single files pair with each other
    whatever their names. Raises SharpError for a missing folder, for a result without reference or input, and where
    more than one file would do: guessing could score the wrong pair.
    """
    folders = [names_folder(path) for path in (result, reference, *([baseline] if baseline else []))]
    if not any(folders[:2]):
        return [(result.stem, result, reference, baseline)], []
    results, references = _images(result), _images(reference)
    if not results:
        raise SharpError(f"no images found in {shown(result)}")
    matched = _by_kind(result, results, reference, references)
    inputs = _by_kind(result, results, baseline, _images(baseline)) if baseline else {}
    pairs = [
        (name, result / path, reference / matched[path], baseline / inputs[path] if baseline else None)
        for name, path in _named(results)
    ]
    taken = set(matched.values())
    # The short clip that a phone writes beside a photo is not missed where only photos were enhanced.
    beside = set() if any(_is_clip(result, path) for path in results) else set(map(_stem, taken))
    missed = (
        (name, path)
        for name, path in _named(references)
        if path not in taken and not (_stem(path) in beside and _is_clip(reference, path))
    )
    return pairs, [name for name, _ in missed]


def _images(folder: Path) -> list[PurePath]:
    """The images and clips below a folder, relative to it; a stem's others only where none of it is."""
    if not names_folder(folder):
        raise SharpError(f"{shown(folder)} is a file; give two folders or two files")
    found: defaultdict[PurePath, list[PurePath]] = defaultdict(list)
    unreadable: list[Unreadable] = []
    for here, names in walk(folder, recursive=True, glob=("*",), exclude=(), outputs=(), unreadable=unreadable):
        for name in names:
            found[_stem(here / name)].append(here / name)
    if unreadable:
        raise SharpError(f"{shown(unreadable[0][0])} {unreadable[0][1]}, so its images cannot be paired")
    # Unlike the photo beside it, a RAW file cannot be scored.
    kept = (
        [path for path in group if is_image(folder / path) or _is_clip(folder, path)] if group[1:] else group
        for group in found.values()
    )
    return [path for group, left in zip(found.values(), kept, strict=True) for path in left or group]


def _is_clip(folder: Path, path: PurePath) -> bool:
    """Whether a file is a clip, by its name or else by its first bytes."""
    if called_a_clip(path) or called_an_image(ending_of(path)):
        return called_a_clip(path)
    try:
        return bool(container_of(first_bytes(folder / path)))
    except OSError:
        return False


def _by_kind(
    folder: Path, results: Sequence[PurePath], other: Path, others: Sequence[PurePath]
) -> dict[PurePath, PurePath]:
    """The same as `_matched`, clips among clips and images among images: a.jpg can lie beside a.mp4."""
    clips, its_clips = (
        {path for path in paths if _is_clip(top, path)} for top, paths in ((folder, results), (other, others))
    )
    return {
        result: match
        for kind in (True, False)
        for result, match in _matched(
            folder,
            [path for path in results if (path in clips) is kind],
            other,
            [path for path in others if (path in its_clips) is kind],
        ).items()
    }


def _matched(
    folder: Path, results: Sequence[PurePath], other: Path, others: Sequence[PurePath]
) -> dict[PurePath, PurePath]:
    """The file in another folder that each result belongs to; raises SharpError unless there is exactly one."""
    by_stem: defaultdict[PurePath, list[PurePath]] = defaultdict(list)
    for path in others:
        by_stem[_stem(path)].append(path)
    whole, owner = set(others), dict[PurePath, PurePath]()
    told = {own for path in results for own in _owns(path)}
    matched: dict[PurePath, PurePath] = {}
    for path in results:
        fit = _tagged(path, whole) or next(
            filter(None, (_fitting(name, whole, by_stem) for name in _origins(path))), []
        )
        if not fit:
            raise SharpError(
                f"{shown(folder / path)} has no counterpart in {shown(other)}; "
                "files are paired by path without the extension"
            )
        if told.issuperset(fit):  # each has a result that tells its very name
            fit = [own for own in _owns(path) if own in fit] or fit
        if len(fit) > 1:
            first, second = (shown(other / one) for one in fit[:2])
            raise SharpError(f"{first} and {second} differ only in their extension; remove one")
        if (before := owner.setdefault(fit[0], path)) != path:
            both = f"{shown(folder / before)} and {shown(folder / path)}"
            alike = _stem(before) == _stem(path)
            why = "differ only in their extension" if alike else f"both belong to {shown(other / fit[0])}"
            raise SharpError(f"{both} {why}; remove one")
        matched[path] = fit[0]
    return matched


def _fitting(name: PurePath, whole: set[PurePath], by_stem: dict[PurePath, list[PurePath]]) -> list[PurePath]:
    """The files that a result of this name, its own ending left out, can be made from."""
    fit = [*([name] if name in whole else []), *by_stem.get(name, [])]
    return list(dict.fromkeys(fit or by_stem.get(_stem(name), [])))


def _origins(path: PurePath) -> Iterator[PurePath]:
    """What the input of a result can be called, with or without its ending."""
    yield _stem(path)
    for own in _owns(path)[1:]:
        yield _stem(own)
    for name, digits in _tags(path):
        if _is_tag(digits, name):
            yield _stem(name)


def _owns(path: PurePath) -> list[PurePath]:
    """What the input is called if it has the ending of its result."""
    plain = [path.stem.removesuffix(suffix) for suffix in SUFFIXES if path.stem.endswith(suffix)]
    return [path, *(path.with_name(name + path.suffix) for name in plain if name)]


def _tags(path: PurePath) -> Iterator[tuple[PurePath, str]]:
    """What the input can be called if a batch has told two by digits, and these."""
    for own in _owns(path):
        if found := TAG.search(own.stem):
            plain = own.stem[: found.start()]
            yield from ((own.with_name(name), found[1]) for name in (plain, plain + own.suffix) if name)


def _tagged(path: PurePath, whole: set[PurePath]) -> list[PurePath]:
    return [name for name, digits in _tags(path) if name in whole and _is_tag(digits, name)]


def _is_tag(digits: str, name: PurePath) -> bool:
    """Whether these are the digits of that very input (see `batch.targets`)."""
    return digits in (tag(str(name)), tag(name.name))


def _stem(path: PurePath) -> PurePath:
    """The path without the ending that says it is an image."""
    return path.with_suffix("") if called_an_image(ending_of(path)) else path


def _named(paths: Sequence[PurePath]) -> Iterator[tuple[str, PurePath]]:
    """Each path with what a table calls it: without the ending, where no other has the same name then."""
    counts = Counter(map(_stem, paths))
    for path in paths:
        yield (_stem(path) if counts[_stem(path)] == 1 else path).as_posix(), path
