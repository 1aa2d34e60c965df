"""The bridge, with pyiqa itself on a real photograph; skipped where pyiqa is not installed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sharpcli.plugin import SharpError
from sharpcli.scoring.score import score_pixels
from sharpcli.testing import degrade, sample_image

pyiqa = pytest.importorskip("pyiqa", reason="pyiqa is not installed")
import sharpcli_pyiqa  # noqa: E402

EVERY = sharpcli_pyiqa.metrics()
WITHOUT_WEIGHTS = [sharpcli_pyiqa.Gmsd, sharpcli_pyiqa.Fsim, sharpcli_pyiqa.Piqe]


@pytest.fixture(scope="module")
def photo():
    return sample_image((256, 192))


def figure(cls, result, reference):
    try:
        return score_pixels(result, reference, "rgb", [cls()])[cls.name]
    except SharpError as error:
        if "cannot fetch its weights" in str(error):
            pytest.skip(str(error))
        raise


@pytest.mark.parametrize("cls", EVERY)
def test_what_is_declared_is_what_pyiqa_says(cls):
    from pyiqa.default_model_configs import DEFAULT_CONFIGS

    config = DEFAULT_CONFIGS[cls.name]
    assert config.get("lower_better", False) is not cls.higher_is_better
    assert config["metric_mode"] == ("FR" if cls.reference else "NR")


@pytest.mark.parametrize("cls", EVERY)
def test_the_figure_is_pyiqas_own(cls, photo):
    import torch

    blurred = degrade(photo, 2)
    value = figure(cls, blurred, photo)
    tensors = [torch.tensor(pixels).permute(2, 0, 1)[None] / 255 for pixels in (blurred, photo)]
    expected = pyiqa.create_metric(cls.name)(*(tensors if cls.reference else tensors[:1]))
    assert value == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize("cls", [cls for cls in EVERY if cls.reference])
def test_more_blur_is_worse_and_none_is_best(cls, photo):
    figures = [figure(cls, result, photo) for result in (photo, degrade(photo, 2), degrade(photo, 4))]
    assert figures == sorted(figures, reverse=cls.higher_is_better)
    assert len(set(figures)) == 3


@pytest.mark.parametrize("cls", EVERY)
def test_the_smallest_image_that_is_taken_can_be_measured(cls, photo):
    small = photo[: cls.least, : cls.least]
    assert np.isfinite(figure(cls, degrade(small, 2), small))


@pytest.mark.parametrize("cls", WITHOUT_WEIGHTS)
def test_threads_do_not_get_in_each_others_way(cls, photo):
    results = [degrade(photo, 1 + number / 4) for number in range(1, 9)]
    metric = cls()
    alone = [metric.measure(result, photo) for result in results]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda result: metric.measure(result, photo), results)) == alone


def test_weights_that_cannot_be_fetched_are_one_line_asked_for_once(photo, monkeypatch):
    asked = []

    def offline(name):
        asked.append(name)
        raise OSError("no\nnetwork")

    monkeypatch.setattr(pyiqa, "create_metric", offline)
    metric = sharpcli_pyiqa.Lpips()
    for _ in range(2):
        with pytest.raises(SharpError, match=r"^metric lpips: pyiqa cannot fetch its weights \(no network\); use it"):
            score_pixels(photo, photo, "rgb", [metric])
    assert asked == ["lpips"]


def test_a_pyiqa_of_another_mind_about_the_direction_is_not_believed_silently(photo, monkeypatch):
    monkeypatch.setattr(sharpcli_pyiqa.Gmsd, "higher_is_better", True)
    with pytest.raises(SharpError, match=r"this pyiqa says .* where sharpcli-pyiqa says"):
        score_pixels(photo, photo, "rgb", [sharpcli_pyiqa.Gmsd()])
