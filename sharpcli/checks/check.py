"""What a check is, and how those of one enhancer are done."""

from __future__ import annotations

import io
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sharpcli.checks.subject import Failure, Subject
from sharpcli.errors import SharpError
from sharpcli.plugin.failures import PluginError, reason


class Skip(Exception):
    """A check does not apply to an enhancer; says why."""


@dataclass(frozen=True)
class Check:
    """One check; `function` returns a remark, or raises Failure or Skip. What lacks the basics has no use for more."""

    name: str
    function: Callable[[Subject], str]
    basic: bool = False

    @property
    def summary(self) -> str:
        """What it makes sure of, in one line."""
        return (self.function.__doc__ or "").partition("\n")[0]


def check(name: str, *, basic: bool = False) -> Callable[[Callable[[Subject], str]], Check]:
    """Make a check of a function, whose docstring says what it makes sure of."""
    return lambda function: Check(name, function, basic)


@dataclass(frozen=True)
class CheckOutcome:
    """What a check found: `note` is a remark, or the reason; `needs` names the basic check that failed before it."""

    check: str
    status: Literal["passed", "failed", "skipped"]
    note: str = ""
    seconds: float = 0.0
    needs: str = ""


class CheckRun:
    """Does the checks of one enhancer; once it has failed a basic one, those that are not are skipped."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self._lacks = ""

    def do(self, check: Check) -> CheckOutcome:
        """Do one check; whatever goes wrong is in the outcome."""
        if self._lacks:
            return CheckOutcome(check.name, "skipped", f"{self._lacks} has to pass first", needs=self._lacks)
        began = time.perf_counter()
        status, note = self._tried(check)
        if status == "failed" and check.basic:
            self._lacks = check.name
        return CheckOutcome(check.name, status, note, time.perf_counter() - began)

    def all(self, checks: Iterable[Check]) -> Iterator[CheckOutcome]:
        """Do these checks one after the other."""
        return map(self.do, checks)

    def _tried(self, check: Check) -> tuple[Literal["passed", "failed", "skipped"], str]:
        try:
            with redirect_stdout(io.StringIO()):  # what it prints must not end up in ours
                return "passed", check.function(self.subject)
        except Skip as skip:
            return "skipped", str(skip)
        except Failure as failure:
            return "failed", str(failure)
        except PluginError as error:
            return "failed", f"it {error.what}{self._place(error.__cause__)}"
        except SharpError as error:
            return "failed", str(error)
        except (Exception, SystemExit) as error:  # of the enhancer's other methods
            return "failed", f"{reason(error)}{self._place(error)}"

    def _place(self, error: BaseException | None) -> str:
        """Where in the enhancer's own file an error arose."""
        own = self.subject.file
        frames = traceback.extract_tb(error.__traceback__) if error else []
        lines = [frame.lineno for frame in frames if own and Path(frame.filename) == own]
        return f" ({own.name}, line {lines[-1]})" if own and lines else ""
