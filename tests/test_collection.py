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
