"""Ctrl-C while a plugin hangs: what is said, and that the second one ends at once."""

import signal
import time

import pytest
from PIL import Image as PILImage

from tests.helpers.plugin_file import plugin, started

HANG = "Path('begun').touch(); time.sleep(300)"
AGAIN = "press Ctrl-C again to stop at once"


@pytest.fixture
def here(tmp_path, photo):
    """A folder with an image."""
    PILImage.fromarray(photo[:40, :50]).save(tmp_path / "cat.png")
    return tmp_path


def interrupted(folder, *arguments):
    """The program that was started so, after Ctrl-C once it had begun."""
    process = started(folder, *arguments, SHARPCLI_PLUGINS="mine.py")
    while process.poll() is None and not (folder / "begun").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    return process


def test_a_batch_names_the_image_it_waits_for_and_ends_at_the_second(here):
    plugin(here, HANG)
    process = interrupted(here, "enhance", "cat.png", "-e", "mine", "-o", "out")
    assert process.stderr.readline() == f"interrupted: waiting for cat.png to be finished by mine; {AGAIN}\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert not list((here / "out").rglob("cat*"))


def test_score_says_which_metric_still_runs_and_ends_at_the_second(here):
    (here / "mine.py").write_text(
        "import time\nfrom pathlib import Path\nfrom sharpcli.plugin import Metric, hookimpl\n"
        f"class Mine(Metric):\n    name = 'mine'\n    summary = 'hangs'\n    def measure(self, a, b):\n        {HANG}\n"
        "@hookimpl\ndef metrics():\n    return [Mine]\n"
    )
    process = interrupted(here, "score", "cat.png", "cat.png", "-m", "mine")
    line = process.stderr.readline()
    assert "metric mine" in line
    assert AGAIN in line
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("enhancers",), "importing plugin"),
        (("--help",), "importing plugin"),
        (("compare", "cat.png", "-e", "mine", "-o", "sheet.png"), "running enhancer mine"),
    ],
    ids=["import", "help", "compare"],
)
def test_what_is_interrupted_in_the_main_thread_is_named(here, arguments, what):
    plugin(here, top=HANG) if "importing" in what else plugin(here, HANG)
    stdout, stderr = interrupted(here, *arguments).communicate(timeout=60)
    assert stderr.startswith(f"interrupted while {what}")
    assert "mine.py" in stderr
    assert stdout == ""
    assert "Traceback" not in stderr
    assert not (here / "sheet.png").exists()
