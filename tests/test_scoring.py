import csv
import io
import json
import math

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sharpcli.errors import SharpError
from sharpcli.resample import degrade
from sharpcli.scoring import Score, as_csv, as_json, measured, pair_folders, score_pixels


def test_rgb_figures_are_scikit_images_own(photo):
    blurred = degrade(photo, 3)
    ours = score_pixels(blurred, photo, "rgb")
    assert ours["psnr"] == pytest.approx(peak_signal_noise_ratio(photo, blurred, data_range=255), abs=1e-9)
    theirs = structural_similarity(
        photo, blurred, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ours["ssim"] == pytest.approx(theirs, abs=1e-9)


def test_papers_compares_studio_luma_without_its_border(photo):
    blurred = degrade(photo, 2)
    red, green, blue = (photo[..., i].astype(float) for i in range(3))
    expected = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
    np.testing.assert_allclose(measured(photo, "papers")[..., 0], expected[2:-2, 2:-2])
    damaged_border = blurred.copy()
    damaged_border[:2], damaged_border[:, -2:] = 0, 255
    assert score_pixels(damaged_border, photo, "papers") == score_pixels(blurred, photo, "papers")
    assert score_pixels(damaged_border, photo, "rgb") != score_pixels(blurred, photo, "rgb")


@pytest.mark.parametrize("convention", ["rgb", "papers"])
def test_an_identical_picture_is_perfect(photo, convention):
    assert score_pixels(photo, photo, convention) == {"psnr": math.inf, "ssim": pytest.approx(1)}


def test_different_sizes_are_refused_naming_both(photo):
    with pytest.raises(SharpError, match=r"449x298 but 449x299"):
        score_pixels(photo[:-1], photo, "rgb")


@pytest.mark.parametrize(("side", "convention", "fits"), [(10, "rgb", False), (11, "rgb", True), (14, "papers", False)])
def test_a_picture_smaller_than_the_window_of_ssim_is_refused(photo, side, convention, fits):
    tiny = photo[:side, :side]
    if fits:
        assert score_pixels(tiny, tiny, convention)["ssim"] == pytest.approx(1)
    else:
        with pytest.raises(SharpError, match="too small"):
            score_pixels(tiny, tiny, convention)


def test_reports_carry_gain_mean_and_convention():
    scores = [
        Score("a", {"psnr": 30.0, "ssim": 0.9}, {"psnr": 28.0, "ssim": 0.8}),
        Score("b", {"psnr": math.inf, "ssim": 1.0}, {"psnr": math.inf, "ssim": 1.0}),
    ]
    rows = list(csv.DictReader(io.StringIO(as_csv(scores, "papers"))))
    assert [row["picture"] for row in rows] == ["a", "b", "mean"]
    assert float(rows[0]["gain_psnr"]) == 2.0
    assert float(rows[1]["gain_psnr"]) == 0.0
    assert {row["convention"] for row in rows} == {"papers"}
    report = json.loads(as_json(scores, "papers"))
    assert report["convention"] == "papers"
    assert report["pictures"][1]["psnr"] is None
    assert report["mean"]["ssim"] == pytest.approx(0.95)


def test_files_pair_by_path_whatever_their_ending(tmp_path):
    for name in ("out/a.png", "out/sub/b.jpg", "ref/a.jpg", "ref/sub/b.png", "ref/c.png", "ref/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    pairs, alone = pair_folders(tmp_path / "out", tmp_path / "ref", None)
    assert [(name, result.name, reference.name) for name, result, reference, _ in pairs] == [
        ("a", "a.png", "a.jpg"),
        ("sub/b", "b.jpg", "b.png"),
    ]
    assert alone == ["c"]


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["out/a.png", "ref/b.png"], "no partner"),
        (["out/a.png", "out/a.jpg", "ref/a.png"], "differ only in their ending"),
        (["ref/a.png"], "no such file or folder"),
        (["out/readme.txt", "ref/a.png"], "no pictures"),
    ],
)
def test_doubtful_pairs_are_refused(tmp_path, names, said):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(SharpError, match=said):
        pair_folders(tmp_path / "out", tmp_path / "ref", None)
