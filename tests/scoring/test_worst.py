import math

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.score import Score, read_rgb
from sharpcli.scoring.tables import ranked
from sharpcli.scoring.worst import worst


@pytest.fixture
def pair(tmp_path, photo):
    """A reference, an input that is a little off everywhere, and a result that is wrong in one place."""
    degraded = photo.copy()
    degraded[200:230, 300:330] ^= 255
    for name, pixels in (("result", degraded), ("reference", photo), ("input", photo ^ 1)):
        PILImage.fromarray(pixels).save(tmp_path / f"{name}.png")
    return ("a", *(tmp_path / f"{name}.png" for name in ("result", "reference", "input")))


def score(name, psnr, before=None):
    return Score(name, {"psnr": psnr, "ssim": 0.5}, {} if before is None else {"psnr": before, "ssim": 0.5})


def test_the_crops_show_the_same_place_which_is_where_the_result_is_wrong(pair, photo):
    ((_, crops),) = worst([score("a", 30.0, 28.0)], [pair])
    assert list(crops) == ["input", "result", "reference"]
    assert {pixels.shape for pixels in crops.values()} == {(160, 160, 3)}
    different = (crops["result"] != crops["reference"]).any(axis=2)
    assert different.sum() == 30 * 30
    whole = read_rgb(pair[2])
    places = np.argwhere((whole == crops["reference"][0, 0]).all(axis=2))
    assert any(
        np.array_equal(whole[y : y + 160, x : x + 160], crops["reference"])
        and np.array_equal((photo ^ 1)[y : y + 160, x : x + 160], crops["input"])
        for y, x in places
    )


def test_without_inputs_there_are_two_crops_and_a_small_image_is_shown_whole(tmp_path, photo):
    for name, pixels in (("result", photo[:50, :40] ^ 3), ("reference", photo[:50, :40])):
        PILImage.fromarray(pixels).save(tmp_path / f"{name}.png")
    ((_, crops),) = worst([score("a", 30.0)], [("a", tmp_path / "result.png", tmp_path / "reference.png", None)])
    assert list(crops) == ["result", "reference"]
    assert {pixels.shape for pixels in crops.values()} == {(50, 40, 3)}


def test_the_three_lowest_gains_come_first_and_what_is_identical_never(pair):
    scores = [
        score("much", 39.0, 30.0),
        score("loss", 29.0, 30.0),
        score("same", math.inf, math.inf),
        score("spoiled", 50.0, math.inf),
        score("little", 31.0, 30.0),
    ]
    pairs = [(one.name, *pair[1:]) for one in scores]
    assert [one.name for one, _ in worst(scores, pairs)] == ["spoiled", "loss", "little"]
    assert worst([scores[2]], pairs) == []


def test_the_first_metric_leads_where_psnr_was_not_measured_and_its_direction_counts(pair, monkeypatch):
    class Error(Metric):
        name, higher_is_better = "error", False

    monkeypatch.setitem(load_registry().metrics, "error", Error)
    results = {"little": 2.0, "most": 9.0, "none": 0.0, "much": 5.0}
    scores = [Score(name, {"error": value, "ssim": 0.5}) for name, value in results.items()]
    pairs = [(one.name, *pair[1:]) for one in scores]
    assert [one.name for one, _ in worst(scores, pairs)] == ["most", "much", "little"]
    gained = [Score(one.name, one.result, {"error": 5.0, "ssim": 0.5}) for one in scores]
    assert ranked(gained)[0] == "gain_error"
    assert [one.name for one in ranked(gained)[1]] == ["most", "much", "little", "none"]
