import json
import re
import tempfile

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.plugin.registry import load_registry
from tests.helpers.plugin_file import plugin, run

QUICK = ("--size", "48x32", "--rounds", "2", "-e", "bicubic", "-e", "student-live:precision=fp32")


def tables(stdout):
    """The rows of each table by name, each a dictionary by column."""
    found = []
    for block in stdout.split("\n\n")[1:]:
        head, *lines = [re.split(" {2,}", line) for line in block.splitlines() if "  " in line]
        found.append({line[0]: dict(zip(head, line, strict=True)) for line in lines})
    return found


def test_the_tables_have_every_figure_and_say_what_they_are(sharpcli):
    done = sharpcli("bench", *QUICK, "--against", "student-live:precision=fp32")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "48 x 32 RGB with 8 bits per channel; files: png." in done.stdout
    assert re.search(r"^Machine: .*\d+ cores, .*OpenVINO", done.stdout, re.MULTILINE)
    times, ratios, costs = tables(done.stdout)
    assert list(times) == list(ratios) == list(costs) == ["bicubic", "student-live FP32"]
    live = times["student-live FP32"]
    assert list(live) == ["enhancer", "ms", "p95", "frames/s", "file ms", "file p95", "files/s", "runs"]
    assert all(float(live[name].replace(",", "")) >= 0 for name in list(live)[1:])
    assert live["runs"] == "2"
    assert ratios["student-live FP32"]["file to file"] == "1.00 (1.00 to 1.00)"
    assert re.fullmatch(r"\d+\.\d\d \(\d+\.\d\d to \d+\.\d\d\)", ratios["bicubic"]["in memory"])
    assert {name: costs["bicubic"][name] for name in ("device", "parameters", "kMAC/px", "GMAC")} == {
        "device": "cpu",
        "parameters": "-",
        "kMAC/px": "-",
        "GMAC": "-",
    }
    assert costs["student-live FP32"]["parameters"] == "26,932"
    for word in ("95th percentile", "waited for", "--workers 1", "fresh process", "relative to student-live"):
        assert re.search(word, re.sub(r"\s+", " ", done.stdout)), word


@pytest.mark.slow
def test_without_a_choice_all_that_are_installed_are_measured_and_once_each(sharpcli):
    done = sharpcli("bench", "--size", "32x24", "--rounds", "1", "--against", "student-live", "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert [one["enhancer"] for one in report["results"]] == sorted(load_registry().found)
    assert report["against"].startswith("student-live")
    assert (report["rounds"], report["failed"], report["image"]["format"]) == (1, [], "png")


def test_the_same_options_in_another_order_are_the_same_enhancer(sharpcli):
    given = ("-e", "student-live:precision=fp32,profile=x2", "--against", "student-live:profile=x2,precision=fp32")
    report = json.loads(sharpcli("bench", "--size", "32x24", "--rounds", "1", *given, "--json").stdout)
    assert [one["label"] for one in report["results"]] == [report["against"]]


def test_the_users_image_is_measured_as_it_is(sharpcli, photo, tmp_path):
    own = tmp_path / "grey.jpg"
    PILImage.fromarray(photo[:30, :50, 0]).save(own)
    before = own.read_bytes()
    report = json.loads(sharpcli("bench", "--picture", own, "-e", "bicubic", "--rounds", "1", "--json").stdout)
    image = {"name": "grey.jpg", "size": [50, 30], "mode": "L", "bits": 8, "format": "jpg"}
    assert {name: report["image"][name] for name in image} == image
    assert own.read_bytes() == before
    assert list(tmp_path.iterdir()) == [own]


@pytest.mark.slow
def test_one_failure_is_a_line_and_exit_1_and_the_others_are_reported(sharpcli, tmp_path, monkeypatch):
    plugin = tmp_path / "mine.py"
    plugin.write_text(
        "from sharpcli.plugin import Enhancer, hookimpl\n"
        "class Mine(Enhancer):\n"
        "    name, summary = 'mine', 'fails'\n"
        "    def enhance(self, pixels):\n"
        "        raise ValueError('not today')\n"
        "@hookimpl\n"
        "def enhancers():\n"
        "    return [Mine]\n"
    )
    monkeypatch.setenv("SHARPCLI_PLUGINS", str(plugin))
    load_registry.cache_clear()
    try:
        done = sharpcli("bench", *QUICK, "-e", "mine", "--against", "mine")
        alone = sharpcli("bench", "--size", "8x8", "-e", "mine")
    finally:
        load_registry.cache_clear()
    assert done.exit_code == alone.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("failed: mine: enhancer mine of ")
    assert line.endswith("failed: ValueError: not today")
    assert [list(table) for table in tables(done.stdout)] == [["bicubic", "student-live FP32"]] * 2


def test_ctrl_c_is_exit_130_and_leaves_nothing(sharpcli, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        assert list(tmp_path.iterdir()), "the image's file is there by now"
        raise KeyboardInterrupt

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("sharpcli.bench.run.alternated", interrupted)
    assert sharpcli("bench", *QUICK).exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--size", "0x5"], "a size of 0x5 has no pixels"),
        (["--size", "99999999x9"], "900 megapixels"),
        (["--size", "abc"], "invalid size 'abc'; use WIDTHxHEIGHT in pixels"),
        (["--size", "20000x9", "--format", "webp"], "at most 16383 pixels on a side"),
        (["--picture", "missing.png"], "missing.png: no such file"),
        (["--picture", "notes.txt"], "notes.txt: is not an image"),
        (["--picture", "large.png", "--upscale", "8"], "the result would have 576 megapixels"),
        (["--against", "nobody"], "unknown enhancer 'nobody'"),
        (["--against", ""], "invalid enhancer ''; use NAME"),
        (["-e", "student:colour=red"], "no option 'colour'"),
        (["-e", "student", "-e", "student"], "given twice"),
        (["--rounds", "0"], "--rounds"),
    ],
)
def test_a_mistake_is_reported_before_anything_is_measured(sharpcli, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sharpcli.bench.trial.footprint", None)
    (tmp_path / "notes.txt").write_text("no image")
    PILImage.fromarray(np.zeros((3000, 3000), np.uint8)).save("large.png")
    done = sharpcli("bench", *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.png", "notes.txt"]


def test_an_enhancer_of_a_plugin_file_is_measured(tmp_path):
    plugin(tmp_path)
    done = run(tmp_path, "bench", "--plugin", "mine.py", "-e", "mine", "--size", "48x32", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout)["results"]
    assert "mine" in json.dumps(result)
