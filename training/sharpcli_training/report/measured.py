"""The figures of a report, each measured when it is first asked for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sharpcli.scoring.score import chosen_metrics
from sharpcli_training.evaluation.evaluate import Say, Table, degradation_grid, test_sets
from sharpcli_training.evaluation.rows import UNSHARP, Row
from sharpcli_training.evaluation.timing import time_rows, time_startup
from sharpcli_training.evaluation.wide.figures import CellFigures
from sharpcli_training.evaluation.wide.measure import METRICS, WidePlan, wide_grid
from sharpcli_training.report.plan import ReportPlan


@dataclass(frozen=True)
class Measured:
    """What a plan asks for."""

    plan: ReportPlan
    say: Say

    @cached_property
    def sets(self) -> Table:
        """The test sets at x2."""
        return test_sets(self.plan.folders, self.plan.rows, self.say)

    @cached_property
    def seconds(self) -> dict[Row, float]:
        """What each row takes for an image."""
        seconds = time_rows((UNSHARP, *self.plan.rows), "x2", self.plan.rounds)
        self.say("times")
        return seconds

    @cached_property
    def answers(self) -> dict[str, float]:
        """What the command line takes to answer."""
        return time_startup(self.plan.rounds)

    @cached_property
    def grids(self) -> list[Table]:
        """The degradation grid of each folder."""
        return [degradation_grid(folder, self.plan.grid_rows(folder), self.say) for folder in self.plan.grids]

    @cached_property
    def wide_plan(self) -> WidePlan:
        """What the wide grid shows."""
        return WidePlan(self.plan.wide, self.plan.wide_rows, chosen_metrics(METRICS), told=True, classics=True)

    @cached_property
    def wide(self) -> list[CellFigures]:
        """The wide grid; empty where no folder was given for it."""
        return wide_grid(self.wide_plan, self.say) if self.plan.wide else []
