"""The checks pass what is right, and find what is wrong by its name."""

import numpy as np
import pytest

from sharpcli.checks import threads
from sharpcli.checks.all_checks import CHECKS
from sharpcli.checks.check import CheckRun
from sharpcli.checks.subject import Subject, levels_apart
from sharpcli.measure.memory import CLEAR
from sharpcli.plugin.registry import load_registry
from tests.helpers import wrong_enhancers

TEACHER = pytest.param("teacher", 86, {"profile": "photo"}, marks=pytest.mark.slow)
NEEDS_PEAK = pytest.mark.skipif(not CLEAR.exists(), reason="this system does not tell a peak of memory")


def outcomes(enhancer, *names):
    checks = [check for check in CHECKS if not names or check.name in names]
    return {outcome.check: outcome for outcome in CheckRun(Subject(enhancer.name, enhancer)).all(checks)}


def failed(enhancer, *names):
    return {name: outcome.note for name, outcome in outcomes(enhancer, *names).items() if outcome.status == "failed"}


@pytest.mark.parametrize(
    ("cls", "check"),
    [
        pytest.param(cls, check, id=cls.name, marks=NEEDS_PEAK if check == "memory" else ())
        for cls, check in wrong_enhancers.CAUGHT_BY.items()
    ],
)
def test_each_wrong_enhancer_is_caught_by_the_check_that_is_for_it(cls, check):
    enhancer = cls()
    done = CheckRun(Subject(enhancer.name, enhancer)).all(CHECKS)  # one after the other, so that none follows the first
    found = next((outcome for outcome in done if outcome.status == "failed"), None)
    assert found is not None, "nothing failed"
    assert found.check == check, found
    assert found.note
    assert "\n" not in found.note


def test_every_check_but_two_catches_something():
    """What cannot be loaded is no class; alpha never reaches an enhancer, and its check is for what the core does."""
    caught = set(wrong_enhancers.CAUGHT_BY.values())
    assert {check.name for check in CHECKS} - caught == {"loads", "alpha"}
    assert len(wrong_enhancers.CAUGHT_BY) >= 50


@pytest.mark.parametrize("cls", wrong_enhancers.RIGHT, ids=lambda cls: cls.name)
def test_a_right_enhancer_passes_everything(cls):
    assert failed(cls()) == {}


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("bicubic", {}),
        pytest.param("student", {}, marks=pytest.mark.slow),
        pytest.param("student", {"profile": "auto"}, marks=pytest.mark.slow),
        pytest.param("student", {"precision": "int8"}, marks=pytest.mark.slow),
        pytest.param("student-live", {"profile": "x2"}, marks=pytest.mark.slow),
        pytest.param("teacher", {}, marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
    ],
)
def test_what_comes_with_sharpcli_passes_everything(name, settings, monkeypatch):
    names = [check.name for check in CHECKS]
    if name == "teacher":  # threads run the code of the students, which have all rounds; its own take ten times as long
        monkeypatch.setattr(threads, "ROUNDS", 1)
        names.remove("receptive-radius")  # the longest, which the next test does
    assert failed(load_registry().get(name).create(settings), *names) == {}


@pytest.mark.parametrize(
    ("name", "radius", "settings"), [("bicubic", 0, {}), ("student", 15, {}), ("student-live", 13, {}), TEACHER]
)
def test_the_declared_receptive_radius_of_the_networks_is_the_measured_one(name, radius, settings):
    note = outcomes(load_registry().get(name).create(settings), "receptive-radius")["receptive-radius"].note
    assert note.startswith(f"measured {radius}")
    assert f"declared {radius} pixels" in note
    assert "cheaper" not in note


def test_a_receptive_radius_that_is_much_too_large_is_right_and_remarked_on():
    class Generous(wrong_enhancers.Right):
        name = "generous"
        receptive_radius = 40

    found = outcomes(Generous(), "receptive-radius", "tile-multiple", "tiles")
    assert {outcome.status for outcome in found.values()} == {"passed"}
    assert found["receptive-radius"].note == "measured 3, declared 40 pixels; a smaller one makes tiles cheaper"


def test_what_declares_no_receptive_radius_is_shown_the_one_that_it_has():
    class Undeclared(wrong_enhancers.Right):
        name = "undeclared"
        receptive_radius = None

    found = outcomes(Undeclared(), "receptive-radius", "tiles")
    assert {outcome.status for outcome in found.values()} == {"skipped"}
    assert "receptive_radius = 3 would allow tiles" in found["receptive-radius"].note
    whole = outcomes(wrong_enhancers.RightOnTheWhole(), "receptive-radius")["receptive-radius"]
    assert whole.status == "skipped"
    assert "all of the image is used" in whole.note


def test_a_receptive_radius_without_end_does_not_ask_for_an_image_without_end():
    class Boundless(wrong_enhancers.Right):
        name = "boundless"
        receptive_radius = 10**9

    found = outcomes(Boundless(), "receptive-radius", "tile-multiple", "tiles")
    assert found["receptive-radius"].status == "passed"
    assert found["tile-multiple"].status == found["tiles"].status == "skipped"


def test_a_failure_names_the_right_value_and_the_line():
    notes = failed(wrong_enhancers.RadiusTooSmall(), "receptive-radius")
    assert notes["receptive-radius"] == "a pixel's change moves 3 pixels, declared 2; receptive_radius must be 3"
    assert "tile_multiple must be 4" in failed(wrong_enhancers.MultipleIgnored(), "tile-multiple")["tile-multiple"]
    line = wrong_enhancers.Raises.enhance.__code__.co_firstlineno + 1
    assert failed(wrong_enhancers.Raises())["runs"].endswith(f"(wrong_enhancers.py, line {line})")
    assert "48 x 33 pixels" in failed(wrong_enhancers.EvenSizesOnly(), "odd-sizes")["odd-sizes"]
    assert "filter='gauss'" in failed(wrong_enhancers.FailsWithAChoice(), "bounds")["bounds"]
    assert "pip install nothing_of_this_name" in failed(wrong_enhancers.LacksModule())["runs"]


def test_after_a_basic_failure_the_others_are_skipped_and_say_why():
    found = outcomes(wrong_enhancers.Transposes())
    assert [name for name, outcome in found.items() if outcome.status == "failed"] == ["shape"]
    after = list(found.values())[list(found).index("shape") + 1 :]
    assert {(outcome.status, outcome.note) for outcome in after} == {("skipped", "shape has to pass first")}


def test_what_an_enhancer_prints_does_not_end_up_in_what_is_reported(capsys):
    assert "silence" in failed(wrong_enhancers.Prints())
    assert capsys.readouterr().out == ""


MAKING = ("for_image", "with_threads", "for_this_machine", "weight_files", "weights")


@pytest.mark.parametrize(
    ("method", "deed"),
    [
        *((method, "raises") for method in (*MAKING, "free_memory")),
        *((method, "returns nothing") for method in MAKING),
    ],
)
def test_whatever_its_other_methods_do_is_reported_in_a_line(method, deed):
    def done(*_):
        if deed == "raises":
            raise ZeroDivisionError("by nothing")

    wrong = type("Wrong", (wrong_enhancers.Right,), {"name": "wrong", method: done})
    found = failed(wrong())
    found.pop("pickle", None)  # a class that is made in a function
    assert found
    for note in found.values():
        assert "by nothing" in note if deed == "raises" else note
        assert "\n" not in note


@pytest.mark.parametrize("cls", [wrong_enhancers.SharesScratch, wrong_enhancers.SharesRest])
def test_lines_that_share_something_are_caught_whatever_the_machine_does(cls, monkeypatch):
    monkeypatch.setattr(threads, "ROUNDS", 0)  # what runs freely is caught by chance, and what runs in step is not
    for _ in range(5):
        assert "threads" in failed(cls(), "threads")


def test_a_lock_is_no_fault_though_threads_that_wait_for_it_cannot_be_in_step(monkeypatch):
    monkeypatch.setattr(threads, "PATIENCE", 0.05)
    assert failed(wrong_enhancers.RightWithLock(), "threads") == {}


def test_a_difference_is_reported_in_levels_of_255_whatever_the_dtype():
    for dtype, full in (("uint8", 255), ("uint16", 65535), ("float32", 1)):
        assert levels_apart(np.zeros((2, 2, 1), dtype), np.full((2, 2, 1), full, dtype)) == pytest.approx(255)


@pytest.mark.parametrize("size", [3, 6, 14, 96])
def test_blocks_of_any_size_are_right_with_their_own_align(size):
    class Blocks(wrong_enhancers.RightOnBlocks):
        name = "blocks"
        receptive_radius = tile_multiple = side = size

    assert failed(Blocks(), "receptive-radius", "tile-multiple", "tiles") == {}


def test_the_align_that_is_right_is_found():
    class Blocks(wrong_enhancers.RightOnBlocks):
        name = "blocks"
        receptive_radius = side = 6
        tile_multiple = 3

    assert "tile_multiple must be 6" in failed(Blocks(), "tile-multiple")["tile-multiple"]
