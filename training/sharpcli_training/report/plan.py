"""What a report measures, and the commands that measure the same again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.plugin.registry import load_registry
from sharpcli_training.evaluation.evaluate import folder_names, name_of
from sharpcli_training.evaluation.rows import NETWORKS, Row, names_of, rows_of
from sharpcli_training.evaluation.wide.measure import STUDENTS

REGIONS = ("setup", "x2", "int8", "published", "plot", "grid", "wide", "cost", "startup")
NEEDS = {
    "FOLDER": frozenset({"setup", "x2", "int8", "published", "plot"}),
    "--grid FOLDER": frozenset({"grid"}),
    "--wide FOLDER": frozenset({"wide"}),
}
"""Which regions are empty without what."""


@dataclass(frozen=True)
class ReportPlan:
    """What to measure and where to write it; `left_out` holds (name of a folder of grids, name of an enhancer).

    `only` names regions to write alone, and is empty for the whole page. Raises SharpError when two folders have one
    name, when something is to be left out that is not there, and when a region cannot be written from what is given.
    """

    out: Path
    folders: tuple[Path, ...]
    grids: tuple[Path, ...]
    rows: tuple[Row, ...]
    wide: tuple[Path, ...] = ()
    left_out: frozenset[tuple[str, str]] = frozenset()
    only: frozenset[str] = frozenset()
    rounds: int = 5
    cards: bool = False
    crops: bool = True

    def __post_init__(self) -> None:
        every = (self.folders, self.grids, self.wide)
        known = {name for folders in every for name in folder_names(folders)}
        if len({folder.resolve() for folders in every for folder in folders}) > len(known):
            raise SharpError("two folders have the same name; rename one, so that the page can tell them apart")
        names = {*STUDENTS, *(row.name for row in self.rows)}
        for folder, name in self.left_out:
            if folder not in map(name_of, (*self.grids, *self.wide)) or name not in names:
                raise SharpError(
                    f"there is no {folder}:{name} to leave out; write FOLDER:ENHANCER of a --grid or --wide folder"
                )
        alone = tuple(name for name in REGIONS if name != "setup")
        if unknown := self.only.difference(alone):
            raise SharpError(f"--only {min(unknown)} is not possible; choose of {', '.join(alone)}")
        for given, (what, needing) in zip(every, NEEDS.items(), strict=True):
            lacking = [name for name in REGIONS if name in needing & (self.only or NEEDS["FOLDER"])]
            if lacking and not given:
                raise SharpError(f"region {lacking[0]} needs {what}")

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions to write."""
        return tuple(name for name in REGIONS if not self.only or name in self.only)

    @property
    def wide_rows(self) -> tuple[Row, ...]:
        """The rows of the wide grid: the students, and who else is asked for; once where that is in each precision."""
        asked = () if self.rows == rows_of(NETWORKS) else self.rows
        each = (row.plain if set(rows_of([row.plain.text])) <= set(asked) else row for row in asked)
        left_out = {name for folder, name in self.left_out if folder in map(name_of, self.wide)}
        return tuple(row for row in dict.fromkeys([*map(Row, STUDENTS), *each]) if row.name not in left_out)

    def grid_rows(self, folder: Path) -> tuple[Row, ...]:
        """The rows measured on a grid's folder."""
        return tuple(row for row in self.rows if (name_of(folder), row.name) not in self.left_out)

    def report_command(self) -> str:
        """The command line of the whole report; folders by their names alone, the page by its last two."""
        words = ["sharpcli train report", *map(name_of, self.folders)]
        words += [f"--grid {name_of(folder)}" for folder in self.grids]
        words += [f"--wide {name_of(folder)}" for folder in self.wide]
        words += [f"--leave-out {folder}:{name}" for folder, name in sorted(self.left_out)]
        words += _asked(self.rows)
        words += [f"--rounds {self.rounds}"] if self.rounds != ReportPlan.rounds else []
        words += [] if self.crops else ["--no-crops"]
        return " ".join([*words, f"-o {'/'.join(self.out.resolve().parts[-2:])}"])

    def sets_command(self) -> str:
        """The command line of the table of test sets."""
        words = ["sharpcli train evaluate", *map(name_of, self.folders), *_asked(self.rows)]
        return " ".join(words + ([f"--rounds {self.rounds}"] if self.rounds else []))

    def grid_command(self, folder: Path) -> str:
        """The command line of one degradation grid."""
        return " ".join(["sharpcli train evaluate", name_of(folder), "--grid", *_asked(self.grid_rows(folder))])

    def wide_command(self) -> str:
        """The command line of the wide grid."""
        words = ["sharpcli train evaluate", *map(name_of, self.wide), "--wide --told --classics --metrics"]
        rows = self.wide_rows
        if rows != tuple(map(Row, STUDENTS)):
            words += _options([row.text for row in rows], rows)
        return " ".join(words)


def _asked(rows: Sequence[Row]) -> list[str]:
    """The options that ask for these rows; none for those that are measured without asking."""
    if tuple(rows) == rows_of(NETWORKS):
        return []
    texts: list[str] = []
    for name in names_of(rows):
        own = [row for row in rows if row.name == name]
        texts += [name] if tuple(own) == rows_of([name]) else [row.text for row in own]
    return _options(texts, rows)


def _options(texts: Sequence[str], rows: Sequence[Row]) -> list[str]:
    """The options that name enhancers, and the plugin files that some of them come from."""
    origins = [load_registry().get(name).origin for name in names_of(rows)]
    files = dict.fromkeys(Path(origin.file).name for origin in origins if origin and origin.file)
    return [*(f"-e {text}" for text in texts), *(f"--plugin {file}" for file in files)]
