"""Gives each input of a batch a target of its own, under a name that is the same on every run."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.files.clips import called_a_container
from sharpcli.files.formats import ending_of
from sharpcli.files.names import folded, length, shortened, shown, tag
from sharpcli.files.paths import longest_name, nearest
from sharpcli.files.remote import is_remote
from sharpcli.files.unsupported import called_an_image

PLAIN, WHOLE, TAGGED = range(3)
"""How much of its origin a target's name tells: a.webp, a.jpg.webp, a.jpg-1f3870be.webp."""


@dataclass(slots=True)
class Draft:
    """An input, the folder its result goes to, and what the result's name is made of.

    `origin` tells it from all inputs of one folder: the path below that folder, or the name of a file given by itself.
    """

    source: Path
    origin: str
    folder: Path
    suffix: str = ""
    format: str | None = None
    telling: int = PLAIN

    def has_ending(self) -> bool:
        """Whether the source is called as images or clips are."""
        return called_an_image(ending_of(self.source)) or called_a_container(self.source)

    def name(self, limit: int) -> str:
        """The target's name: the source's, with suffix and format, telling as much as `telling` says.

        A format's ending takes the place of another that images have, and comes behind any other.
        Longer names than `limit` (see `longest_name`) are shortened; raises SharpError where there is no room for that.
        """
        stem, own = os.path.splitext(self.source.name)  # noqa: PTH122 (see walking)
        if self.format is not None and not self.has_ending():
            stem, own = self.source.name, ""
        new = own if self.format is None else f".{self.format}"
        if self.telling == WHOLE or (self.telling == TAGGED and new != own):
            stem += own
        end = self.suffix + new
        name = f"{stem}-{tag(self.origin)}{end}" if self.telling == TAGGED else stem + end
        if length(name) <= limit:
            return name
        try:
            return shortened(stem, end, limit, tag(f"{self.telling}/{self.origin}"))
        except ValueError:
            raise SharpError(f"{shown(self.source)}: its name is too long for {shown(self.folder)}") from None


def target_paths(drafts: Sequence[Draft]) -> list[Path]:
    """The target of each draft, no two the same, not even on a disk that ignores letter case or composes accents.

    Drafts that would share a target all take longer names (a.jpg and a.png as WebP: a.jpg.webp and a.png.webp); none
    keeps the short one, so that an earlier run's result is never taken for that of another input that came later. For
    the same reason a name depends on the inputs alone, never on their order or on what lies in the output folder.
    A.png and a.png keep their names where the inputs' own disk tells such names apart and takes the results too.
    Raises SharpError, naming both, when two inputs cannot be told apart.
    """
    for draft in drafts:
        draft.telling = PLAIN
    limits = {folder: longest_name(folder) for folder in {draft.folder for draft in drafts}}
    targets = [draft.folder / draft.name(limits[draft.folder]) for draft in drafts]
    plain, folders = list(targets), _folded_folders(limits)
    while True:
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for index, target in enumerate(targets):
            groups[folded(str(target))].append(index)
        fights = [
            group
            for key, group in groups.items()
            if (len(group) > 1 and not _distinct([(drafts[i].source, targets[i]) for i in group])) or key in folders
        ]
        if not fights:
            return targets
        for group in fights:
            if all(drafts[i].telling == TAGGED for i in group):
                first, second = drafts[group[0]].source, drafts[group[-1]].source
                raise SharpError(
                    f"{shown(first)} and {shown(second)} would both be written to {shown(plain[group[0]])}; "
                    "process them separately with different --out folders"
                )
            _tell_more([drafts[i] for i in group])
            for i in group:
                targets[i] = drafts[i].folder / drafts[i].name(limits[drafts[i].folder])


def _tell_more(group: Sequence[Draft]) -> None:
    """Take the next longer name for all; the source's ending helps only where it is not the target's anyway."""
    endings_lost = any(draft.format not in (None, draft.source.suffix[1:]) for draft in group)
    for draft in group:
        helps = endings_lost and draft.has_ending()
        draft.telling = WHOLE if helps and draft.telling == PLAIN else TAGGED


def _folded_folders(folders: Iterable[Path]) -> set[str]:
    """The folders that targets lie in and all above them: a file cannot have such a name."""
    found: set[str] = set()
    for folder in folders:
        for above in (folder, *folder.parents):
            if (key := folded(str(above))) in found:
                break
            found.add(key)
    return found


def _distinct(group: Sequence[tuple[Path, Path]]) -> bool:
    """Whether these targets, which differ in case or accents only, are known to be files of their own on their disk.

    Known is it where the sources differ just so, are files of their own, and lie on that same disk. Asking the output
    folder instead would need a file written to it, and it may not be there yet.
    """
    sources, targets = zip(*group, strict=True)
    if any(is_remote(path) for path in (*sources, *targets)):
        return False
    # Windows can tell such names apart in one folder and not in the next.
    if os.name == "nt" or len(set(targets)) < len(targets) or len({folded(str(path)) for path in sources}) > 1:
        return False
    try:
        own = {(found.st_dev, found.st_ino) for found in (path.lstat() for path in sources)}
        disks = {nearest(path.parent).stat().st_dev for path in (*sources, *targets)}
    except OSError:
        return False
    return len(own) == len(sources) and len(disks) == 1
