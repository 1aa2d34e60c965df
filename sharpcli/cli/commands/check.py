"""`sharpcli check`: check that an enhancer meets its contract."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from sharpcli.checks.all_checks import CHECKS
from sharpcli.checks.check import Check, CheckOutcome, CheckRun
from sharpcli.checks.find import subjects_of
from sharpcli.checks.subject import Subject
from sharpcli.cli.selection import all_ready
from sharpcli.cli.stdout import Command, echo
from sharpcli.errors import SharpError
from sharpcli.files.names import shown

WORDS = {"passed": ("ok", "green"), "failed": ("FAILED", "red"), "skipped": ("skipped", "yellow")}


@dataclass(frozen=True)
class CheckReport:
    """The outcomes of all checks of one enhancer."""

    enhancer: str
    outcomes: tuple[CheckOutcome, ...]
    seconds: float

    @property
    def counts(self) -> Counter[str]:
        """How many passed, failed and were skipped."""
        return Counter(outcome.status for outcome in self.outcomes)

    def line(self) -> str:
        """The counts as one line of text."""
        words = [f"{self.counts[status]} {status}" for status in WORDS if self.counts[status]]
        return f"{self.enhancer}: {', '.join(words)} in {self.seconds:.1f} s"

    def as_dict(self) -> dict[str, object]:
        """The counts and outcomes for JSON."""
        counts = {status: self.counts[status] for status in WORDS}
        return {"enhancer": self.enhancer, **counts, "checks": [asdict(outcome) for outcome in self.outcomes]}


@click.command(cls=Command)
@click.argument("enhancers", nargs=-1, metavar="[NAME|FILE.py]...")
@click.option("-k", "chosen", metavar="TEXT", help="Only run checks whose name contains TEXT.")
@click.option("--list", "as_list", is_flag=True, help="List the checks without running them.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
def command(enhancers: tuple[str, ...], chosen: str | None, as_list: bool, as_json: bool) -> None:
    """Check that an enhancer meets its contract.

    NAME is an installed enhancer, optionally with options (student:profile=x2). For FILE.py, all enhancers in the file
    are checked. Without arguments, all installed enhancers are checked. The exit code is 1 if a check fails.
    """
    checks = [check for check in CHECKS if (chosen or "") in check.name]
    if not checks:
        raise SharpError(f"no check name contains {chosen!r}; available: {', '.join(check.name for check in CHECKS)}")
    if as_list:
        for check in checks:
            echo(f"{check.name:16} {check.summary}")
        return
    if not enhancers:
        all_ready()
    reports = [_report(subject, checks, quiet=as_json) for subject in subjects_of(enhancers)]
    if as_json:
        echo(json.dumps({"enhancers": [report.as_dict() for report in reports]}, indent=2))
    if any(report.counts["failed"] for report in reports):
        raise click.exceptions.Exit(1)


def _report(subject: Subject, checks: Sequence[Check], quiet: bool) -> CheckReport:
    began = time.perf_counter()
    outcomes = []
    for outcome in CheckRun(subject).all(checks):
        outcomes.append(outcome)
        if not quiet and not outcome.needs:
            _print_outcome(outcome)
    report = CheckReport(subject.text, tuple(outcomes), time.perf_counter() - began)
    if not quiet:
        if lacking := [outcome for outcome in outcomes if outcome.needs]:
            echo(f"{'skipped':8} the remaining {len(lacking)}: {lacking[0].note}")
        echo(click.style(shown(report.line()), bold=True))
    return report


def _print_outcome(outcome: CheckOutcome) -> None:
    word, color = WORDS[outcome.status]
    seconds = f"({outcome.seconds:.1f} s)" if outcome.seconds >= 0.05 else ""
    text = " ".join(filter(None, (f"{outcome.check:16}", shown(outcome.note), seconds)))
    echo(f"{click.style(f'{word:8}', fg=color)} {text.rstrip()}")
