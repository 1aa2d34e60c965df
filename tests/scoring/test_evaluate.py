"""Metrics of plugins: what they are given, and what becomes of a wrong one."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.plugin.metric import LocalMetric, Metric
from sharpcli.plugin.sources import Origin
from sharpcli.scoring.bands import PIXELS_PER_BAND
from sharpcli.scoring.folder import score_all
from sharpcli.scoring.metrics import STANDARD
from sharpcli.scoring.score import measured, score_pixels


def box(radius):
    """A metric whose places each see all of a window of this radius, and weigh its pixels differently."""

    class Box(LocalMetric):
        name = f"box-{radius}"

        def total(self, result, reference):
            wide = np.lib.stride_tricks.sliding_window_view(result - 0.5 * reference, (2 * radius + 1,) * 2, (0, 1))
            weights = np.arange(1, (2 * radius + 1) ** 2 + 1).reshape(2 * radius + 1, -1)
            return float((wide * weights).sum() / weights.sum())

        def figure(self, mean):
            return mean + 1000

    Box.radius = radius
    return Box()


@settings(max_examples=40)
@given(
    radii=st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True),
    height=st.integers(24, 99),
    width=st.integers(24, 60),
    band=st.integers(1, PIXELS_PER_BAND),
    convention=st.sampled_from(["rgb", "y"]),
)
def test_metrics_of_any_radii_share_bands_and_count_every_place_once(photo, radii, height, width, band, convention):
    reference = photo[:height, :width]
    result = 255 - photo[-height:, -width:]
    metrics = [box(radius) for radius in radii]
    whole = [metric.measure(measured(result, convention), measured(reference, convention)) for metric in metrics]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sharpcli.scoring.bands.PIXELS_PER_BAND", band)
        figures = score_pixels(result, reference, convention, metrics)
    assert list(figures) == [metric.name for metric in metrics]
    assert list(figures.values()) == pytest.approx(whole, rel=1e-9)


@pytest.mark.slow
def test_company_does_not_change_a_figure(photo):
    result = photo ^ 5
    alone = score_pixels(result, photo, "rgb")
    in_company = score_pixels(result, photo, "rgb", [box(20), *STANDARD])
    assert {name: in_company[name] for name in alone} == pytest.approx(alone, rel=1e-12)


class Seen(Metric):
    name = "seen"

    def __init__(self):
        self.pairs = []

    def measure(self, result, reference):
        self.pairs.append((result, reference))
        return 1


class SeenAsRgb(Seen):
    color = "rgb"


class SeenAlone(Seen):
    reference = False


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_a_metric_is_given_what_it_asks_for(photo, convention):
    result = photo[::-1].copy()
    metrics = by_convention, as_rgb, alone = Seen(), SeenAsRgb(), SeenAlone()
    for number, metric in enumerate(metrics):
        type(metric).name = f"seen-{number}"
    score_pixels(result, photo, convention, metrics)
    values = measured(result, convention), measured(photo, convention)
    due = {by_convention: values, as_rgb: (result, photo), alone: (values[0], values[0])}
    for metric, expected in due.items():
        (given,) = metric.pairs
        for mine, theirs in zip(given, expected, strict=True):
            assert mine.dtype == theirs.dtype
            np.testing.assert_array_equal(mine, theirs)
            with pytest.raises(ValueError, match="read-only"):
                mine[0] = 0


def test_a_local_metric_can_judge_a_result_alone_and_one_can_see_rgb(photo):
    class Mean(LocalMetric):
        name = "mean"
        reference = False

        def total(self, result, reference):
            return float(reference.sum())

    class Bytes(LocalMetric):
        name = "bytes"
        color = "rgb"

        def total(self, result, reference):
            return int((result != reference).sum())

    result = 255 - photo
    figures = score_pixels(result, photo, "y", [Mean(), Bytes()])
    assert figures["mean"] == pytest.approx(measured(result, "y").mean())
    assert figures["bytes"] == 1


class Wrong(Metric):
    name = "wrong"
    origin = Origin("sharpcli_wrong", "sharpcli-wrong", "1.2")

    def __init__(self, act):
        self.act = act

    def measure(self, result, reference):
        return self.act(result)


class WrongSum(LocalMetric):
    name, origin = Wrong.name, Wrong.origin

    def __init__(self, act):
        self.act = act

    def total(self, result, reference):
        return self.act(result)


def fails(error):
    def act(result):
        raise error

    return act


def changes(result):
    result *= 2
    return 1


@pytest.mark.parametrize("kind", [Wrong, WrongSum])
@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda result: None, "returned NoneType instead of a number"),
        (lambda result: True, "returned bool instead of a number"),
        (lambda result: np.True_, "returned bool instead of a number"),
        (lambda result: math.nan, "returned NaN instead of a number"),
        (lambda result: np.float32("nan"), "returned NaN instead of a number"),
        (lambda result: result, "returned ndarray instead of a number"),
        (lambda result: np.array(1.0), "returned ndarray instead of a number"),
        (lambda result: "1", "returned str instead of a number"),
        (lambda result: 1j, "returned complex instead of a number"),
        (lambda result: 10**400, "failed: OverflowError"),
        (changes, "modifies its input"),
        (fails(RuntimeError("two\n lines")), "failed: RuntimeError: two lines"),
        (fails(SystemExit(3)), "failed: SystemExit: 3"),
        (fails(ModuleNotFoundError("No module named 'x'", name="x.y")), "; install the package that provides x ("),
    ],
)
def test_a_wrong_metric_is_one_line_that_names_it_and_its_package(photo, kind, act, message):
    with pytest.raises(ImageError) as caught:
        score_pixels(photo, photo, "rgb", [*STANDARD, kind(act)])
    assert str(caught.value).startswith("metric wrong of sharpcli-wrong 1.2 (sharpcli_wrong) ")
    assert message in str(caught.value).replace("bool_", "bool")
    assert "\n" not in str(caught.value)


def test_a_method_that_was_forgotten_is_one_line(photo):
    class Empty(Metric):
        name = "empty"

    with pytest.raises(ImageError, match=r"^metric empty failed: NotImplementedError$"):
        score_pixels(photo, photo, "rgb", [Empty()])


@pytest.mark.parametrize("number", [3, np.float32(3), np.int64(3), Fraction(3)])
def test_any_kind_of_real_number_is_a_figure(photo, number):
    figures = score_pixels(photo, photo, "rgb", [Wrong(lambda result: number)])
    assert figures == {"wrong": 3}
    assert type(figures["wrong"]) is float


def test_in_a_folder_a_metrics_failure_is_that_images(tmp_path, photo):
    """And want of memory is called by its name, whoever wanted it."""
    for name in ("dark", "bright", "huge"):
        PILImage.fromarray(photo[:20, :20] // (1 if name == "bright" else 9)).save(tmp_path / f"{name}.png")
    PILImage.fromarray(photo[:20, :30]).save(tmp_path / "huge.png")

    def act(result):
        if result.shape[1] == 30:
            raise MemoryError
        return 1 / int(result.max() > 100)

    pairs = [(name, *[tmp_path / f"{name}.png"] * 2, None) for name in ("dark", "bright", "huge")]
    dark, bright, huge = score_all(pairs, "rgb", 1, [Wrong(act)])
    assert (
        str(dark)
        == f"{tmp_path / 'dark.png'}: metric wrong of {Wrong.origin} failed: ZeroDivisionError: division by zero"
    )
    assert bright.result == {"wrong": 1}
    assert str(huge).startswith(f"{tmp_path / 'huge.png'}: not enough memory")


def test_a_window_that_does_not_fit_is_reported_even_where_its_author_forgot_to(photo):
    with pytest.raises(ImageError, match="metric box-9 needs 23 x 23 pixels"):
        score_pixels(photo[:22, :50], photo[:22, :50], "y", [box(9)])
