"""Plans a batch: which images and clips are done, and where each result goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath

from sharpcli.batch.targets import Draft, target_paths
from sharpcli.errors import SharpError
from sharpcli.files import clips
from sharpcli.files.formats import FORMATS, TABLE, ending_of, format_called, result_format
from sharpcli.files.names import length, shortened, shown, tag
from sharpcli.files.paths import (
    Identity,
    below,
    exists,
    first_bytes,
    identity,
    is_file,
    is_folder,
    longest_name,
    names_folder,
    resolved,
)
from sharpcli.files.remote import is_remote
from sharpcli.files.unsupported import is_clip
from sharpcli.files.walk import MEMORY, Unreadable, passed_over, walk

__all__ = ["MEMORY", "BatchPlan", "Item", "passed_over", "plan", "shown"]


@dataclass(frozen=True)
class Item:
    """One image or clip to do."""

    source: Path
    target: Path


@dataclass(frozen=True)
class BatchPlan:
    """What a batch has to do.

    `unreadable` are the folders that could not be read, each with the reason; `roots` are the folders that receive the
    mirrored results, none where results lie beside their inputs or `out` is a file.
    """

    items: list[Item]
    unreadable: list[Unreadable] = field(default_factory=list)
    roots: tuple[Path, ...] = ()


def plan(
    inputs: Sequence[Path],
    out: Path | None,
    *,
    suffix: str,
    recursive: bool = True,
    glob: Sequence[str] = ("*",),
    exclude: Sequence[str] = (),
    format: str | None = None,
    all_written: bool = False,
) -> BatchPlan:
    """The images and clips of these files and folders with their targets, subfolders mirrored below `out`.

    Without `out`, the results of a folder go to one beside it under its name plus `suffix`, those of a file beside it
    in the same way; for a single input file, `out` may be a file too. A file named in `inputs` is always taken. In
    folders, a file is taken when it matches any pattern of `glob` and none of `exclude`, which also leaves out whole
    folders; a pattern with a "/" is matched against the path below the input folder, any other against the name, and
    letter case does not count. See `walk` for what else is passed over (hidden files, symlinks to folders, results of
    earlier runs) and `target_paths` for how results are named. A `format` concerns files of its own kind: images where
    it is one of images, clips where it is a container; the others keep theirs. With `all_written`, so do not images of
    a format that is only read: they become JPEG instead of failing.

    Raises SharpError when an input does not exist, when nothing is found, when two inputs would share one output, and
    when an output would replace an input or lie among the inputs of a folder.
    """
    kinds = [names_folder(source) for source in inputs]
    if out is not None and kinds == [False] and _is_file_name(out):
        if format is not None and not _agree(out, format):
            raise SharpError(f"--out {shown(out)} and --format {format} disagree; use only one of them")
        return BatchPlan(_items([inputs[0]], [out]))
    if out is not None and is_file(out):
        raise SharpError(f"{shown(out)} is a file; --out must be a folder")
    bases = {s: out or _beside(s, suffix) for s, folder in zip(inputs, kinds, strict=True) if folder}
    outputs = {identity(base) for base in bases.values()}
    drafts: list[Draft] = []
    unreadable: list[Unreadable] = []
    walked: dict[Path, list[PurePath]] = {}
    for source in inputs:
        if source not in bases:
            drafts.append(
                Draft(source, source.name, out or source.parent, "" if out else suffix, _concerning(source, format))
            )
        elif source not in walked:
            walked[source] = []
            for here, names in walk(
                source, recursive=recursive, glob=glob, exclude=exclude, outputs=outputs, unreadable=unreadable
            ):
                folder, target = below(source, here), below(bases[source], here)
                walked[source].append(here)
                drafts += [
                    Draft(
                        path := folder / name,
                        str(here / name),
                        target,
                        format=_concerning(path, result_format(path, format) if all_written else format),
                    )
                    for name in names
                ]
    if not drafts and not unreadable:
        chosen = " matching --glob and --exclude" if tuple(glob) != ("*",) or exclude else ""
        raise SharpError(f"no images{chosen} found in {', '.join(map(shown, inputs))}")
    _refuse_among_inputs(walked, bases)
    drafts = _once(drafts)
    items = _items([draft.source for draft in drafts], target_paths(drafts))
    return BatchPlan(items, unreadable, (out,) if out else tuple(dict.fromkeys(bases.values())))


def _is_file_name(path: Path) -> bool:
    return (format_called(path) is not None or clips.called_a_container(path)) and not is_folder(path)


def _agree(out: Path, format: str) -> bool:
    if format in clips.WRITTEN:
        return ending_of(out) == format
    return TABLE[FORMATS[format]] == format_called(out)


def _concerning(source: Path, format: str | None) -> str | None:
    """The format, where it is of the kind that the source is; else None."""
    if format is None or _is_clip(source) == (format in clips.WRITTEN):
        return format
    return None


def _is_clip(source: Path) -> bool:
    """Whether a file is a clip by its bytes; where these cannot be read, or only slowly, by its name."""
    if not is_remote(source) and is_file(source):
        with suppress(OSError):
            return is_clip(source, first_bytes(source))
    return clips.called_a_container(source)


def _beside(folder: Path, suffix: str) -> Path:
    """The folder for results beside an input folder."""
    named = folder if folder.name.strip(".") else resolved(folder)
    if not named.name:
        raise SharpError(f"results cannot be written next to {shown(named)}; set an output folder with --out")
    name, limit = named.name + suffix, longest_name(named.parent)
    return named.with_name(name if length(name) <= limit else shortened(named.name, suffix, limit, tag(named.name)))


def _refuse_among_inputs(walked: Mapping[Path, Sequence[PurePath]], bases: Mapping[Path, Path]) -> None:
    """Raise where a result would lie in a folder that is read: the next run would take it for an input."""
    read = {source: resolved(source) for source in walked}
    inside = {below(read[source], here): source for source, places in walked.items() for here in places}
    for source, places in walked.items():
        base = resolved(bases[source])
        # Results can lie among inputs only below a base that the inputs lie below.
        if any(base in (top, *top.parents) for top in read.values()):
            for here in places:
                if (result := below(base, here)) in inside:
                    raise SharpError(
                        f"output folder {shown(bases[source])} is inside input folder {shown(inside[result])}, "
                        "so results could overwrite inputs or be processed again; choose another output folder"
                    )


def _once(drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts without those of an input that was named twice and would be written to one place twice."""
    home = cache(resolved)
    unique: dict[tuple[Path, str, Path, str], Draft] = {}
    for draft in drafts:
        unique.setdefault((home(draft.source.parent), draft.source.name, home(draft.folder), draft.suffix), draft)
    return list(unique.values())


def _items(sources: Sequence[Path], targets: Sequence[Path]) -> list[Item]:
    """The items, once it is sure that no target is an input; raises SharpError."""
    refuse_inputs(sources, targets)
    return [Item(*pair) for pair in zip(sources, targets, strict=True)]


def refuse_inputs(sources: Sequence[Path], targets: Sequence[Path]) -> None:
    """Raise SharpError where a target is one of the sources, under whatever name."""
    home = cache(resolved)
    inputs = {(home(source.parent), source.name) for source in sources}
    existing: dict[Identity, Path] = {}
    filled = cache(is_folder)
    for target in targets:
        if (home(target.parent), target.name) in inputs:
            raise _overwriting(target)
        # A remote place gives a file one name only, and answers slowly.
        if not is_remote(target) and filled(target.parent) and exists(target):
            existing[identity(target)] = target
    # Under another name too: by a hard link, a second mount, or a disk that ignores letter case.
    for source in sources if existing else ():
        if (same := existing.get(identity(source))) is not None:
            raise _overwriting(same)


def _overwriting(target: Path) -> SharpError:
    return SharpError(f"{shown(target)} is an input and would be overwritten; choose another output folder")
