"""Loose files as plugins: `--plugin`, SHARPCLI_PLUGINS and SHARPCLI_DISABLE_PLUGINS, in processes of their own."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image as PILImage

DARKER = """
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.hooks import hookimpl

class Darker(Enhancer):
    name = "darker"
    summary = "takes light away"
    receptive_radius = 0
    amount: float = option(0.5, "how much", min=0, max=1)
    def enhance(self, pixels):
        return pixels * (1 - self.amount)

@hookimpl
def enhancers():
    return [Darker]
"""


@pytest.fixture
def run(tmp_path, photo):
    """Run sharpcli beside `darker.py`, `broken.py` and `cat.png`."""
    (tmp_path / "darker.py").write_text(DARKER)
    (tmp_path / "broken.py").write_text("import nothing_of_this_name")
    PILImage.fromarray(photo[:60, :80]).save(tmp_path / "cat.png")

    def run(*arguments, **environment):
        command = [sys.executable, "-m", "sharpcli", *arguments]
        env = {**os.environ, **environment}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("--plugin", "darker.py", "enhance", "cat.png", "-e", "darker", "-O", "amount=1", "-o", "out"),
        ("enhance", "cat.png", "-e", "darker", "-O", "amount=1", "-o", "out", "--plugin=darker.py"),
        (
            "enhance",
            "--plugin",
            "broken.py",
            "--plugin",
            "darker.py",
            "cat.png",
            "-e",
            "darker",
            "-O",
            "amount=1",
            "-oout",
        ),
    ],
)
def test_a_file_is_given_before_or_behind_the_command(run, tmp_path, arguments):
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert np.asarray(PILImage.open(tmp_path / "out" / "cat.png")).max() == 0
    assert ("plugin" in done.stderr) == ("broken.py" in arguments)


def test_files_of_the_environment_are_listed_and_broken_ones_are_one_line(run, tmp_path):
    done = run("enhancers", "--json", SHARPCLI_PLUGINS=os.pathsep.join(["darker.py", "broken.py"]))
    listing = json.loads(done.stdout)
    assert {"darker", "student"} <= {entry["name"] for entry in listing["enhancers"]}
    assert done.stderr.count("\n") == 1
    for word in ("broken.py", "nothing_of_this_name", "pip install", "SHARPCLI_DISABLE_PLUGINS=broken"):
        assert word in done.stderr


def test_one_can_be_left_out(run):
    done = run("enhancers", SHARPCLI_PLUGINS="darker.py", SHARPCLI_DISABLE_PLUGINS="teacher,darker")
    assert done.stderr == ""
    assert "student" in done.stdout
    assert "teacher" not in done.stdout
    assert "darker" not in done.stdout


def test_a_missing_file_is_exit_2(run):
    done = run("enhancers", "--plugin", "nowhere.py")
    assert done.returncode == 2
    assert done.stderr == "Error: no plugin file nowhere.py; give the path of a Python file\n"


def test_two_files_with_one_enhancer_are_named(run, tmp_path):
    (tmp_path / "second.py").write_text(DARKER)
    done = run("enhancers", "--plugin", "darker.py", "--plugin", "second.py")
    assert done.returncode == 2
    assert "darker.py" in done.stderr
    assert "second.py" in done.stderr


def test_a_changed_file_does_not_go_on_with_old_results(run, tmp_path):
    arguments = ("enhance", "cat.png", "-e", "darker", "-o", "out", "--plugin", "darker.py")
    assert "1 done" in run(*arguments).stdout
    assert "1 skipped" in run(*arguments).stdout
    (tmp_path / "darker.py").write_text(DARKER.replace("1 -", "1 - 0.1 -"))
    done = run(*arguments)
    assert done.returncode == 2
    assert "made with different settings (plugin" in done.stderr


WRONG = {
    "shape": ("return pixels[:-1]", "returned float32 (59, 80, 3) instead of float32 (60, 80, 3)"),
    "dtype": ("return pixels.astype('float64')", "returned float64"),
    "NaN": ("return pixels * float('nan')", "not finite"),
    "mutates": ("pixels *= 0.5; return pixels", "modifies its input"),
    "mutates a copy's base": ("pixels.fill(0); return pixels", "modifies its input"),
    "exits": ("raise SystemExit(1)", "failed: SystemExit"),
    "needs": ("import nothing_of_this_name", "pip install nothing_of_this_name"),
    "none": ("pass", "returned NoneType"),
}


@pytest.mark.parametrize(("body", "message"), WRONG.values(), ids=WRONG)
def test_what_breaks_its_contract_is_named_with_where_it_came_from(run, tmp_path, body, message):
    (tmp_path / "darker.py").write_text(DARKER.replace("return pixels * (1 - self.amount)", body))
    done = run("enhance", "cat.png", "-e", "darker", "-o", "out", "--plugin", "darker.py", "-q")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    for word in ("enhancer darker of", "darker.py", message):
        assert word in done.stderr
    assert not (tmp_path / "out" / "cat.png").exists()


@pytest.mark.parametrize(
    "method",
    [
        "for_this_machine(self)",
        "with_threads(self, calls)",
        "weight_files(self)",
        "for_image(self, pixels)",
        "finding(self)",
    ],
)
def test_whatever_method_fails_is_named_too(run, tmp_path, method):
    (tmp_path / "darker.py").write_text(DARKER.replace("    def enhance", f"    def {method}: 1 / 0\n    def enhance"))
    done = run("enhance", "cat.png", "-e", "darker", "-o", "out", "--plugin", "darker.py", "-q")
    assert done.returncode in (1, 2)
    assert done.stderr.count("\n") == 1
    for word in ("enhancer darker of", "darker.py", "ZeroDivisionError"):
        assert word in done.stderr
