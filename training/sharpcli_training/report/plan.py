"""What a report measures, and the commands that measure the same again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli_training.evaluation.evaluate import folder_names, name_of
from sharpcli_training.evaluation.rows import NETWORKS, Row, rows_of


@dataclass(frozen=True)
class ReportPlan:
    """What to measure and where to write it; `left_out` holds (name of a grid's folder, name of an enhancer).

    Raises SharpError when two folders have one name, and when something is to be left out that is not there.
    """

    out: Path
    folders: tuple[Path, ...]
    grids: tuple[Path, ...]
    rows: tuple[Row, ...]
    left_out: frozenset[tuple[str, str]] = frozenset()
    rounds: int = 5
    cards: bool = False
    crops: bool = True

    def __post_init__(self) -> None:
        known = {*folder_names(self.folders), *folder_names(self.grids)}
        if len({folder.resolve() for folder in (*self.folders, *self.grids)}) > len(known):
            raise SharpError("two folders have the same name; rename one, so that the page can tell them apart")
        for folder, name in self.left_out:
            if folder not in map(name_of, self.grids) or name not in {row.name for row in self.rows}:
                raise SharpError(f"there is no {folder}:{name} to leave out; write FOLDER:ENHANCER of a --grid folder")

    def grid_rows(self, folder: Path) -> tuple[Row, ...]:
        """The rows measured on a grid's folder."""
        return tuple(row for row in self.rows if (name_of(folder), row.name) not in self.left_out)

    def report_command(self) -> str:
        """The command line of the whole report; folders by their names alone, the page by its last two."""
        words = ["sharpcli train report", *map(name_of, self.folders)]
        words += [f"--grid {name_of(folder)}" for folder in self.grids]
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


def _asked(rows: Sequence[Row]) -> list[str]:
    """The options that ask for these rows; none for those that are measured without asking."""
    if tuple(rows) == rows_of(NETWORKS):
        return []
    texts: list[str] = []
    for name in dict.fromkeys(row.name for row in rows):
        own = [row for row in rows if row.name == name]
        texts += [name] if tuple(own) == rows_of([name]) else [row.text for row in own]
    return [f"-e {text}" for text in texts]
