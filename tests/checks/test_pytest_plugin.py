"""The plugin of pytest, in a run of its own as an author's is."""

import subprocess
import sys

import pytest

from tests.checks.test_find import PLUGIN
from tests.cli.test_check import WRONG


@pytest.fixture
def run(tmp_path):
    """Run pytest in a folder of these files; tells its exit code and the lines that it printed."""

    def run(*arguments, **files):
        for name, source in files.items():
            (tmp_path / f"{name}.py").write_text(source)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, (done.stdout + done.stderr).splitlines()

    return run


def test_each_check_is_a_test_with_a_name_of_its_own(run):
    code, lines = run("--sharpcli-enhancer", "bicubic", "-v")
    assert code == 0, lines
    assert any(line.startswith("sharpcli::bicubic::receptive-radius PASSED") for line in lines)
    assert any(line.startswith("sharpcli::bicubic::options SKIPPED (options: it has none)") for line in lines)
    assert "25 passed, 3 skipped in" in lines[-1]


def test_it_stands_beside_the_tests_of_a_package_and_fails_with_the_reason_alone(run):
    code, lines = run("--sharpcli-enhancer", "mine.py", mine=WRONG, test_own="def test_own():\n    pass\n")
    assert code == 1
    assert "a pixel's change moves 4 pixels, declared 1; receptive_radius must be 4" in lines
    assert not any("pytest_plugin.py" in line or "Traceback" in line for line in lines)
    assert any(line.startswith("FAILED sharpcli::mine::receptive-radius - ") for line in lines)
    assert any(line.startswith("test_own.py .") for line in lines)


def test_checks_are_chosen_as_tests_are(run):
    enhancer = ("--sharpcli-enhancer", "mine.py", "--sharpcli-enhancer", "bicubic")
    _, lines = run(*enhancer, "-k", "mine and (shape or receptive)", mine=PLUGIN)
    assert "collected 56 items / 54 deselected / 2 selected" in lines
    assert "2 skipped" not in lines[-1]
    _, lines = run(
        *enhancer, "--deselect", "sharpcli::mine", "--deselect", "sharpcli::bicubic::runs", "-q", mine=PLUGIN
    )
    assert "24 passed, 3 skipped, 29 deselected" in lines[-1]
    code, lines = run(*enhancer, "--collect-only", "-q", mine=PLUGIN)
    assert code == 0
    assert lines[:2] == ["sharpcli::mine::loads", "sharpcli::mine::declaration"]
    code, lines = run(*enhancer, "-x", "-q", mine=WRONG)
    assert code == 1
    assert "stopping after 1 failures" in " ".join(lines)


def test_it_can_stand_in_a_configuration(run, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --sharpcli-enhancer mine.py:amount=2\n")
    code, lines = run("-v", "-k", "options or bounds", mine=PLUGIN)
    assert code == 0
    assert any(line.startswith("sharpcli::mine:amount=2::bounds PASSED") for line in lines)


def test_what_cannot_be_loaded_is_one_failed_test(run):
    code, lines = run("--sharpcli-enhancer", "mine.py", mine="import nothing_of_this_name")
    assert code == 1
    assert "1 failed, 27 skipped" in lines[-1]
    assert any("pip install nothing_of_this_name" in line for line in lines)


def test_an_enhancer_that_is_not_there_is_an_error_of_usage(run):
    code, lines = run("--sharpcli-enhancer", "nothing")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert any("unknown enhancer 'nothing'; available: bicubic" in line for line in lines)


def test_a_run_that_does_not_ask_for_it_is_not_slowed(run):
    spy = "import sys\n\ndef test_light():\n    assert not {'numpy', 'sharpcli.plugin.registry'} & set(sys.modules)\n"
    code, lines = run("-p", "no:hypothesispytest", test_own=spy)
    assert code == 0, lines
