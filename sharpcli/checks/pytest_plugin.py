"""The plugin of pytest: `pytest --sharpcli-enhancer NAME` adds the checks of `sharpcli check` to a run."""

# All else is imported when the option is used: pytest loads this file wherever sharpcli is installed.
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sharpcli.checks.check import Check
    from sharpcli.checks.subject import Subject

OPTION = "--sharpcli-enhancer"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("sharpcli").addoption(
        OPTION,
        action="append",
        default=[],
        metavar="NAME|FILE.py",
        help="check that this sharpcli enhancer keeps its contract; repeatable",
    )


@pytest.hookimpl(tryfirst=True)  # before those that choose among the tests, by -k and --deselect
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add a test for each check of each enhancer."""
    texts = config.getoption(OPTION)
    if not texts:
        return
    from sharpcli.checks.find import subjects_of
    from sharpcli.errors import SharpError

    try:
        subjects = subjects_of(texts)
    except SharpError as error:
        raise pytest.UsageError(f"{OPTION}: {error}") from error
    for subject in subjects:
        name = f"sharpcli::{subject.text}"
        items += session.genitems(EnhancerChecks.from_parent(session, name=subject.text, nodeid=name, subject=subject))


class EnhancerChecks(pytest.Collector):
    """The checks of one enhancer."""

    def __init__(self, *, subject: Subject, **rest: Any) -> None:
        super().__init__(**rest)
        from sharpcli.checks.check import CheckRun

        self.run = CheckRun(subject)

    def collect(self) -> Iterator[pytest.Item]:
        """One test a check."""
        from sharpcli.checks.all_checks import CHECKS

        for check in CHECKS:
            yield CheckItem.from_parent(self, name=check.name, check=check)


class CheckItem(pytest.Item):
    """One check of one enhancer."""

    parent: EnhancerChecks

    def __init__(self, *, check: Check, **rest: Any) -> None:
        super().__init__(**rest)
        self.check = check

    def runtest(self) -> None:
        """Do the check."""
        outcome = self.parent.run.do(self.check)
        if outcome.status == "skipped":
            pytest.skip(f"{self.name}: {outcome.note}")
        if outcome.status == "failed":
            # Without a traceback: where it lies in our files tells nobody anything.
            pytest.fail(outcome.note, pytrace=False)
        self.add_report_section("call", "sharpcli", outcome.note)

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """What pytest calls it."""
        return self.path, None, f"{self.parent.name}: {self.name}"
