import json

import pytest

from tests.checks.test_find import PLUGIN

WRONG = PLUGIN.replace("    def enhance", "    receptive_radius = 1\n    def enhance").replace(
    "return pixels\n", "import numpy\n        return (pixels + numpy.roll(pixels, 4, 1)) / numpy.float32(2)\n"
)


@pytest.fixture
def file(tmp_path):
    def write(source):
        (tmp_path / "mine.py").write_text(source)
        return tmp_path / "mine.py"

    return write


def test_it_reports_like_a_test_run(sharpcli):
    done = sharpcli("check", "bicubic")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    # Where a check took a while, its time is behind it.
    assert any(line.startswith("ok       receptive-radius measured 0, declared 0 pixels") for line in lines)
    assert any(line.startswith("skipped  options          it has none") for line in lines)
    assert lines[-1].startswith("bicubic: 25 passed, 3 skipped in ")
    assert len(lines) == 29


def test_a_failure_is_reported_in_full_and_the_rest_is_checked(sharpcli, file):
    done = sharpcli("check", file(WRONG), "bicubic")
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    failure = "FAILED   receptive-radius a pixel's change moves 4 pixels, declared 1; receptive_radius must be 4"
    assert any(line.startswith(failure) for line in lines)
    assert any(line.startswith("mine: ") and " failed, " in line for line in lines)
    assert lines[-1].startswith("bicubic: 25 passed")


def test_what_cannot_be_loaded_has_failed(sharpcli, file):
    done = sharpcli("check", file("import nothing_of_this_name"))
    assert done.exit_code == 1
    failure, others, summary = done.stdout.splitlines()
    assert failure.startswith("FAILED   loads            ModuleNotFoundError")
    assert "pip install nothing_of_this_name" in failure
    assert others.startswith("skipped  the remaining ")
    assert "mine.py: 1 failed" in summary


def test_as_json_it_has_every_check(sharpcli, file):
    done = sharpcli("check", "--json", file(WRONG))
    assert done.exit_code == 1
    (report,) = json.loads(done.stdout)["enhancers"]
    assert report["enhancer"] == "mine"
    assert report["passed"] + report["failed"] + report["skipped"] == len(report["checks"]) > 25
    found = {check["check"]: check for check in report["checks"]}
    assert found["receptive-radius"]["status"] == "failed"
    assert found["shape"]["status"] == "passed"


def test_checks_can_be_chosen_and_listed(sharpcli):
    lines = sharpcli("check", "bicubic", "-k", "size").stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["odd-sizes"]
    listed = [line.split()[0] for line in sharpcli("check", "--list").stdout.splitlines()]
    assert {
        "shape",
        "dtype",
        "range",
        "receptive-radius",
        "tiles",
        "odd-sizes",
        "1x1",
        "grey",
        "16-bit",
        "threads",
    } < set(listed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "unknown enhancer 'nothing'; available: bicubic"),
        (["numpy"], "is installed without an entry point: add [project.entry-points.sharpcli]"),
        (["nothing.py"], "no plugin file nothing.py"),
        (["bicubic", "-k", "nothing"], "no check name contains 'nothing'"),
        (["student:profile=x9"], "option profile must be"),
        (["student:"], ""),
    ],
)
def test_what_a_user_gets_wrong_is_a_line(sharpcli, arguments, message):
    done = sharpcli("check", *arguments, *(["-k", "loads"] if len(arguments) == 1 else []))
    assert message in done.stderr
    assert done.exit_code == (2 if message else 0)
    assert len(done.stderr.splitlines()) <= 1
