"""A visitor's scoring, from the uploads to the scores."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sharpcli.files.names import without_base
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.tasks.score_sets import Sets, paired

if TYPE_CHECKING:
    from sharpcli.plugin.metric import Metric
    from sharpcli.scoring.pairs import Pair
    from sharpcli.scoring.score import Score
    from sharpcli.web.limits import Limits

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

    def steps(self, limits: Limits) -> Generator[int]:
        """Run it, yielding the number of pairs done; close it to stop early. Raises SharpError."""
        from sharpcli.scoring.folder import score_all
        from sharpcli.scoring.score import Score

        self.pairs, self.failures = paired(self.sets, self.folder, limits)
        with closing(score_all(self.pairs, self.convention, AT_ONCE, self.metrics)) as outcomes:
            yield 0
            for done, outcome in enumerate(outcomes, 1):
                if self.stopped:
                    return
                if isinstance(outcome, Score):
                    self.scores.append(outcome)
                    self.notes += [without_base(self.folder, note) for note in outcome.notes]
                else:
                    self.failures.append(without_base(self.folder, str(outcome)))
                yield done

    def write_csv(self, path: Path) -> Path:
        """Write the figures as the command line's report does; the path."""
        from sharpcli.scoring.tables import as_csv

        path.write_bytes(as_csv(self.scores, self.convention).encode())
        return path
