"""A visitor's scoring, from the uploads to the scores."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.errors import ImageError
from sharpcli.files.names import without_base
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.tasks.score_sets import Sets, paired

if TYPE_CHECKING:
    from sharpcli.plugin.metric import Metric
    from sharpcli.scoring.pairs import Pair
    from sharpcli.scoring.score import Score
    from sharpcli.web.limits import Limits
    from sharpcli.web.tasks.runs import Run

AT_ONCE = 2
"""Images scored in parallel; few, because visitors share the processor."""


@dataclass
class RunningScore:
    """The progress of a scoring in an empty `folder`; `failures` and `notes` are messages."""

    sets: Sets
    folder: Path
    convention: str
    metrics: Sequence[Metric] = STANDARD
    pairs: list[Pair] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: bool = False

    def steps(self, limits: Limits, run: Run) -> Generator[int]:
        """Score a few pairs at each of a run's turns, yielding the number done; close it to stop early.

        Raises SharpError, and StoppedError when the run is stopped.
        """
        from sharpcli.scoring.score import Score

        self.pairs, self.failures = paired(self.sets, self.folder, limits)
        yield 0
        for first in range(0, len(self.pairs), AT_ONCE):
            pairs = self.pairs[first : first + AT_ONCE]
            for outcome in run.do(partial(self._scored, pairs)):
                if isinstance(outcome, Score):
                    self.scores.append(outcome)
                    self.notes += [without_base(self.folder, note) for note in outcome.notes]
                else:
                    self.failures.append(without_base(self.folder, str(outcome)))
            yield first + len(pairs)

    def _scored(self, pairs: Sequence[Pair]) -> list[Score | ImageError]:
        from sharpcli.scoring.folder import score_all

        return list(score_all(pairs, self.convention, AT_ONCE, self.metrics))

    def write_csv(self, path: Path) -> Path:
        """Write the figures as the command line's report does; the path."""
        from sharpcli.scoring.tables import as_csv

        path.write_bytes(as_csv(self.scores, self.convention).encode())
        return path
