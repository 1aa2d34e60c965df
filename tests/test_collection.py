"""What the test suite promises of itself: a fast set without heavy imports, and no skips unseen."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

CONFTEST = """
from tests.helpers.collection import Strict

def pytest_configure(config):
    config.pluginmanager.register(Strict({"listed": "why"}))
"""
SKIPS = """
import pytest

@pytest.mark.parametrize("reason", ["listed", "unlisted"])
def test_of_a_skip(reason):
    pytest.skip(reason)
"""


def run(*arguments, cwd):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pytest; sys.exit(pytest.main({[*arguments]!r}))"
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)


def test_strict_mode_fails_skips_whose_reason_is_not_listed(tmp_path):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_skips.py").write_text(SKIPS)
    (tmp_path / "test_missing.py").write_text("import pytest\npytest.importorskip('no_such_module')\n")
    done = run("-p", "no:cacheprovider", "test_skips.py", cwd=tmp_path)
    assert "1 failed, 1 skipped" in done.stdout
    assert "skipped (unlisted)" in done.stdout
    done = run("-p", "no:cacheprovider", "test_missing.py", cwd=tmp_path)
    assert "no_such_module" in done.stdout
    assert "1 error" in done.stdout


GROUPED = """
import os
from pathlib import Path
from tests.helpers.collection import Marks

def pytest_configure(config):
    config.pluginmanager.register(Marks(Path(__file__).parent, {}, {"test_b.py": "both", "test_c.py": "both"}))

def pytest_runtest_logreport(report):
    if report.when == "call" and hasattr(report, "node"):
        with open("workers.txt", "a") as file:
            file.write(f"{report.node.gateway.id} {report.location[0]}\\n")
"""


def test_a_file_is_run_by_one_worker_and_files_of_a_group_by_the_same(tmp_path):
    """What a file's tests share is made once."""
    (tmp_path / "conftest.py").write_text(GROUPED)
    for name in "abcd":
        several = "import pytest\n\n@pytest.mark.parametrize('one', range(6))\ndef test_of_many(one):\n    pass\n"
        (tmp_path / f"test_{name}.py").write_text(several)
    done = run("-p", "no:cacheprovider", "-n", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    lines = (tmp_path / "workers.txt").read_text().splitlines()
    assert len(lines) == 24
    pairs = {tuple(line.split()) for line in lines}
    assert len(pairs) == 4
    workers = {file: worker for worker, file in pairs}
    assert workers["test_b.py"] == workers["test_c.py"]
    assert len(set(workers.values())) == 2


@pytest.mark.slow
def test_collecting_the_fast_set_imports_nothing_heavy():
    code = """
import sys
import pytest
assert pytest.main(["--collect-only", "-q"]) == 0
loaded = {"torch", "gradio", "distributed", "playwright", "cv2", "spandrel"} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
