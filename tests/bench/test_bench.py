"""What is measured, of what, and what it comes to; never how quick it was."""

import json
import os
import re
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.bench.footprint import file_job, footprint
from sharpcli.bench.input import bench_input, parse_pixels
from sharpcli.bench.laps import Ratio, Times
from sharpcli.bench.report import as_dict, cost_rows
from sharpcli.bench.run import measure
from sharpcli.bench.trial import FILE, MEMORY
from sharpcli.errors import SharpError
from sharpcli.image.read import read_image
from sharpcli.inference.estimator import WEIGHTS
from sharpcli.measure.timing import Lap
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer
from sharpcli.plugin.registry import load_registry

LAPS = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=40)
PLUGIN = """
import os
import re
from functools import partial
from pathlib import Path
from sharpcli.plugin.enhancer import Cost, Enhancer, option
from sharpcli.plugin.hooks import hookimpl

LOG = Path({log!r})

def note(word):
    with LOG.open("a") as file:
        file.write(f"{{os.getpid()}} {{word}}\\n")

class Dear(Enhancer):
    name, summary, dtype = "dear", "says what it costs", "uint8"
    parameters: int = option(7, "how many")
    kmac: float = option(2.5, "how much")
    where: str = option("npu:3", "where")

    def enhance(self, pixels):
        note("dear")
        return pixels

    def cost(self):
        return Cost(self.parameters, float("inf") if self.kmac == 0 else self.kmac)

    def device(self):
        return self.where

class Tired(Enhancer):
    name, summary, dtype = "tired", "works so many times in a process", "uint8"
    times: int = option(0, "how often")
    how: str = option("raise", "how it ends", choices=("raise", "kill", "settle", "exit"))

    def for_this_machine(self):
        if self.how == "settle":
            raise RuntimeError("cannot make up its mind")
        return self

    def enhance(self, pixels):
        if sum(line == f"{{os.getpid()}} tired" for line in LOG.read_text().splitlines()) >= self.times:
            if self.how == "kill":
                os.kill(os.getpid(), 9)
            if self.how == "exit":
                os._exit(7)
            raise ValueError("is tired\\nand sleeps")
        note("tired")
        return pixels

@hookimpl
def enhancers():
    return [Dear, Tired]
"""


@pytest.fixture
def loose(tmp_path, monkeypatch):
    """Two enhancers in a loose file, which processes of their own find too; returns the log of their calls."""
    log = tmp_path / "calls.log"
    log.touch()
    (tmp_path / "loose_bench.py").write_text(PLUGIN.format(log=str(log)))
    monkeypatch.setenv("SHARPCLI_PLUGINS", str(tmp_path / "loose_bench.py"))
    load_registry.cache_clear()
    yield log
    load_registry.cache_clear()


def measured(folder, *texts, size=(48, 32), rounds=2, base=None, **more):
    on = bench_input(folder, size, **more)
    return measure([EnhancerSpec.parse(text) for text in texts], on, folder, rounds, base and EnhancerSpec.parse(base))


def times(seconds, processor=0.5):
    return Times(tuple(Lap(taken, processor) for taken in seconds))


# Figures of given laps.


@given(LAPS)
def test_median_and_95th_percentile_are_those_of_the_sorted_laps(seconds):
    def between(share):
        ranked, place = sorted(seconds), share * (len(seconds) - 1)
        low = int(place)
        return ranked[low] + (place - low) * (ranked[min(low + 1, len(ranked) - 1)] - ranked[low])

    made = times(seconds)
    assert made.median == pytest.approx(1000 * between(0.5))
    assert made.p95 == pytest.approx(1000 * between(0.95))
    assert made.per_second == pytest.approx(1 / between(0.5))
    assert made.cores == pytest.approx(0.5 * len(seconds) / sum(seconds))


def test_what_a_clock_cannot_see_has_no_rate():
    made = times([0.0, 0.0])
    assert (made.median, made.per_second, made.cores, times([1.0]).against(made)) == (0, None, None, None)


@given(LAPS, st.floats(0.01, 100))
def test_a_ratio_is_one_of_times_of_the_same_round(seconds, factor):
    """However much the machine is disturbed from one round to the next, as long as it is so for both."""
    ratio = times([factor * taken for taken in seconds]).against(times(seconds))
    assert (ratio.median, ratio.low, ratio.high) == pytest.approx((factor,) * 3)


def test_a_job_with_few_laps_is_set_against_the_first_rounds():
    assert times([8.0, 4.0]).against(times([2.0, 4.0, 100.0])) == Ratio(2.5, pytest.approx(1.15), pytest.approx(3.85))


# What is measured.


@pytest.mark.slow
@pytest.mark.parametrize("upscale", [1, 2])
def test_built_ins_have_what_their_cards_say_and_every_figure(tmp_path, upscale):
    names = ("bicubic", "student", "student-live:precision=fp32", "teacher")
    made = measured(tmp_path, *names, base="student", upscale=upscale)
    assert made.failed == ()
    data = json.loads(json.dumps(as_dict(made), allow_nan=False))
    assert data["image"]["size"] == [48, 32]
    assert data["image"]["before"] == [48 // upscale, 32 // upscale]
    profile = "deblur" if upscale == 1 else "x2"
    settled = create_enhancer("student", {"profile": profile}).for_this_machine()
    assert data["against"] == data["results"][1]["label"] == f"student ({settled.precision.upper()})"
    looked = {WEIGHTS.name: json.loads(WEIGHTS.with_suffix(".json").read_text())["sha256"]} if upscale == 1 else {}
    files = {
        "student": settled.file(),
        "student-live": load_registry().get("student-live")(profile=profile, precision="fp32").file(),
        "teacher": load_registry().get("teacher")(profile=profile).file(),
    }
    for one in data["results"]:
        card = json.loads(files[one["enhancer"]].with_suffix(".json").read_text()) if one["enhancer"] in files else {}
        assert (one["parameters"], one["kmac_per_pixel"]) == (card.get("parameters"), card.get("kmac_per_pixel"))
        assert one["gmac"] == (pytest.approx(card["kmac_per_pixel"] * 48 * 32 / 1e6) if card else None)
        assert one["weights"] == ({card["name"] + ".onnx": card["sha256"], **looked} if card else {})
        assert one["device"] == "cpu"
        assert one["peak_bytes"] > 10e6
        assert one["threads"] >= 1
        for job in (MEMORY, FILE):
            assert len(one[job]["seconds"]) == 2
            assert one[job]["ms"] == pytest.approx(1000 * np.median(one[job]["seconds"]))
            assert one[job]["ms"] <= one[job]["p95_ms"]
            assert one["ratios"][job]["low"] <= one["ratios"][job]["median"] <= one["ratios"][job]["high"]
    assert data["results"][1]["ratios"] == {job: {"median": 1, "low": 1, "high": 1} for job in (MEMORY, FILE)}
    stated = [json.loads(file.with_suffix(".json").read_text())["parameters"] for file in files.values()]
    assert [row["parameters"] for row in cost_rows(made)] == ["-", *(f"{count:,}" for count in stated)]


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_the_file_job_is_what_enhance_does(tmp_path, ending):
    on = bench_input(tmp_path, (40, 30), 2, ending=ending)
    target = tmp_path / f"after.{ending}"
    file_job(EnhancerSpec("student-live"), 2, on.file, target)()
    result = sharpen(on.image, create_enhancer("student-live", {}, 2), upscale=2).pixels
    assert result.shape == (30, 40, 3)
    difference = np.abs(read_image(target).pixels.astype(int) - result)
    assert difference.max() == 0 if ending == "png" else difference.mean() < 3


def test_enhancers_alternate_and_each_job_is_led_by_its_like(tmp_path, loose):
    made = measured(tmp_path, "dear", "tired:times=99", rounds=2)
    assert made.failed == ()
    calls = [line.split() for line in loose.read_text().splitlines()]
    here = [word for process, word in calls if int(process) == os.getpid()]
    # In memory and file to file, each led by two.
    assert here == (["dear"] * 6 + ["tired"] * 6) * 2
    others = [word for process, word in calls if int(process) != os.getpid()]
    assert others == ["dear"] * 2 + ["tired"] * 2, "memory is measured in processes of their own"
    assert len({process for process, _ in calls}) == 3


@pytest.mark.slow
def test_an_enhancer_says_itself_what_no_card_does(tmp_path, loose):
    made = measured(tmp_path, "dear", "dear:kmac=0,where=cpu", "bicubic")
    rows = [[row[name] for name in ("device", "parameters", "kMAC/px", "GMAC")] for row in cost_rows(made)]
    assert rows == [["npu:3", "7", "2.50", "0.00"], ["cpu", "7", "-", "-"], ["cpu", "-", "-", "-"]]
    json.dumps(as_dict(made), allow_nan=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("times=0", "enhancer tired of .*loose_bench.py failed: ValueError: is tired and sleeps"),
        ("times=3", "enhancer tired of .*loose_bench.py failed: ValueError: is tired and sleeps"),
        ("times=9", "enhancer tired of .*loose_bench.py failed: ValueError: is tired and sleeps"),
        ("how=kill", "the process exited with signal 9: possibly out of memory"),
        ("how=exit,times=1", "enhancer tired of .*loose_bench.py failed: SystemExit: it called os._exit"),
        ("how=settle", "RuntimeError: cannot make up its mind"),
    ],
)
def test_what_fails_is_named_and_costs_the_others_nothing(tmp_path, loose, options, message):
    made = measured(tmp_path, f"tired:{options}", "bicubic", base=f"tired:{options}")
    ((label, reason),) = made.failed
    assert label.startswith("tired ")
    assert re.search(message, reason), reason
    assert "\n" not in reason
    (other,) = made.results
    assert (other.label, len(other.memory.laps), len(other.file.laps), made.base) == ("bicubic", 2, 2, None)


@pytest.mark.slow
def test_the_footprint_grows_with_the_image(tmp_path):
    """What a process takes is its own, whatever this one holds."""
    held = np.ones(200_000_000, np.uint8)
    found = []
    for size in ((64, 64), (2000, 1500)):
        on = bench_input(tmp_path, size)
        found.append(footprint(EnhancerSpec("bicubic"), 1, on.file, tmp_path / "after.png").bytes)
    if None in found:
        pytest.skip("this system does not tell")
    assert found[1] - found[0] > 2000 * 1500 * 3
    assert found[0] < held.nbytes


# What it is measured on.


@given(st.integers(1, 5000), st.integers(1, 5000), st.sampled_from("xX×"))
def test_a_size_is_read_as_it_is_written(width, height, by):
    assert parse_pixels(f" {width}{by}{height}") == (width, height)


@pytest.mark.parametrize(
    "text", ["", "abc", "0x5", "5x0", "99999999x9", "1920", "1920x", "-4x4", "1e3x4", "4x4x4", "٣x٣"]
)
def test_any_other_size_is_refused_in_words(text):
    with pytest.raises(SharpError, match=r"size of 0x5|size of 5x0|900 megapixels|WIDTHxHEIGHT"):
        parse_pixels(text)


def test_the_users_image_keeps_its_file_and_is_resized_only_when_asked(tmp_path, photo):
    from PIL import Image as PILImage

    own = tmp_path / "own.jpg"
    PILImage.fromarray(photo).save(own, quality=40)
    made = tmp_path / "made"
    made.mkdir()
    assert bench_input(made, own=own).file == own.resolve()
    assert list(made.iterdir()) == []
    for on in (bench_input(made, (90, 60), own=own), bench_input(made, (90, 60), 3, own=own, ending="png")):
        assert on.size == (90, 60)
        assert on.file.parent == made
        np.testing.assert_array_equal(read_image(on.file).pixels, on.image.pixels)
    assert on.before == (30, 20)


def test_what_is_timed_is_never_compiling(tmp_path, monkeypatch):
    """Two sizes that cannot both have a compilation, of one network in alternation; a batch of either compiles once."""
    from sharpcli.inference import runtime
    from sharpcli.measure.timing import LED, alternated

    enhancer = create_enhancer("student-live", {"profile": "x2", "precision": "fp32"})
    monkeypatch.setattr(runtime, "SHAPES", 1)
    network, compiled = runtime.Network(enhancer.file()), []
    compile = network._compile
    monkeypatch.setattr(network, "_compile", lambda kind, shape: compiled.append(shape) or compile(kind, shape))
    during = []

    def job(side):
        before = len(compiled)
        network(np.zeros((side, side, 3), np.uint8))
        during.append(len(compiled) - before)

    alternated({side: partial(job, side) for side in (16, 32)}, 3, warm=0, led=LED)
    timed = during[LED :: LED + 1]
    assert sum(during) > 4, "they drive each other out"
    assert timed == [0] * 6
