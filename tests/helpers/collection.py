"""What pytest collects, marks and lets be skipped; `tests/conftest.py` holds the lists."""

from pathlib import Path

import pytest
from _pytest.mark.expression import Expression


def _part(path, root, parts):
    """The entry of `parts` for this file or for the folder that it is in; None where there is none."""
    inside = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
    for name in (inside, *map(str, Path(inside).parents)):
        if name in parts:
            return parts[name]
    return None


class Marks:
    """Marks tests by their files, and leaves files alone whose tests this run deselects anyway."""

    def __init__(self, root, marks, groups, longest=()):
        self.root, self.marks, self.groups = root, marks, groups
        self.longest = [root / file for file in longest]

    def pytest_ignore_collect(self, collection_path, config):
        """Whole files only: what is not there to be imported (torch, Gradio) must not be missed."""
        mark, wanted = _part(collection_path, self.root, self.marks), config.option.markexpr
        if mark is None or not wanted:
            return None
        expression = Expression.compile(wanted)
        # A test may have `slow` or `packaging` besides; where no such test would be chosen, none is.
        chosen = [expression.evaluate(lambda name, also=also, **_: name in {mark, also}) for also in ("", "slow")]
        return None if any(chosen) else True

    # First, since what is chosen by marks is chosen in the same hook.
    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        for item in items:
            mark = _part(item.path, self.root, self.marks)
            if mark is not None:
                item.add_marker(mark)
        items.sort(key=lambda item: item.path not in self.longest)

    # Not by xdist's own groups: it writes them into the names of tests, which pytest 9.2 no longer reads again.
    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config, log):
        """Files, or the groups that they form, go to one worker each, in the order in which they are collected."""
        from xdist.scheduler import LoadScopeScheduling

        root, groups = self.root, self.groups

        class ByGroup(LoadScopeScheduling):
            def _split_scope(self, nodeid):
                file = nodeid.partition("::")[0]
                return _part(root / file, root, groups) or file

        config.option.loadscopereorder = False  # a file of few tests may be the longest
        return ByGroup(config, log)


class Strict:
    """Makes a failure of each skip but those for the reasons listed."""

    def __init__(self, reasons):
        self.reasons = reasons

    def _judged(self, report):
        if report.skipped and not hasattr(report, "wasxfail"):
            *_, reason = report.longrepr
            reason = reason.removeprefix("Skipped: ")
            if reason not in self.reasons:
                report.outcome = "failed"
                report.longrepr = f"skipped ({reason}): with SHARPCLI_STRICT=1 only for reasons listed in conftest.py"
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self):
        return self._judged((yield))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self):
        return self._judged((yield))
