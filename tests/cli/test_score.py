import csv
import json

import pytest
from PIL import Image


@pytest.fixture
def trio(sharpcli, folder, tmp_path):
    """Originals, blurred inputs and results."""
    assert sharpcli("degrade", folder, "-o", tmp_path / "blurred").exit_code == 0
    assert sharpcli("enhance", tmp_path / "blurred", "-o", tmp_path / "result", "-O", "profile=x2").exit_code == 0
    return folder, tmp_path / "blurred", tmp_path / "result"


@pytest.mark.parametrize("convention", ["rgb", "papers"])
def test_the_table_shows_every_picture_the_mean_and_the_convention(sharpcli, trio, convention):
    originals, blurred, result = trio
    done = sharpcli("score", result, originals, "--input", blurred, "--convention", convention)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split()[:3] == ["picture", "psnr", "ssim"]
    assert [line.split()[0] for line in lines[1:5]] == ["a", "sub/b", "sub/deep/ç", "mean"]
    assert lines[-1].startswith(f"3 scored, convention {convention} (")
    mean = [float(text) for text in lines[4].split()[1:]]
    psnr, ssim, input_psnr, gain_psnr, input_ssim, gain_ssim = mean
    assert gain_psnr == pytest.approx(psnr - input_psnr, abs=0.011)
    assert gain_psnr > 1
    assert gain_ssim == pytest.approx(ssim - input_ssim, abs=0.00011)


def test_reports_hold_what_the_table_shows(sharpcli, trio, tmp_path):
    originals, blurred, result = trio
    for name in ("scores.csv", "scores.json"):
        assert sharpcli("score", result, originals, "--input", blurred, "--report", tmp_path / name).exit_code == 0
    rows = list(csv.DictReader((tmp_path / "scores.csv").open()))
    report = json.loads((tmp_path / "scores.json").read_text())
    assert [row["picture"] for row in rows] == ["a", "sub/b", "sub/deep/ç", "mean"]
    assert [float(row["psnr"]) for row in rows[:3]] == [picture["psnr"] for picture in report["pictures"]]


def test_without_input_no_gain_is_claimed(sharpcli, trio):
    originals, _, result = trio
    assert "gain" not in sharpcli("score", result, originals).stdout


def test_two_single_files_can_be_scored(sharpcli, trio):
    originals, blurred, _ = trio
    assert "1 scored" in sharpcli("score", blurred / "a.png", originals / "a.png").stdout


def test_sizes_that_differ_are_refused_naming_both(sharpcli, trio):
    originals, _, result = trio
    Image.new("RGB", (100, 50)).save(result / "a.png")
    done = sharpcli("score", result, originals)
    assert done.exit_code == 2
    assert "100x50 but 128x96" in done.stderr
    assert "a.png" in done.stderr


def test_a_bad_file_is_named_and_the_others_are_scored(sharpcli, trio):
    originals, _, result = trio
    (result / "a.png").write_text("not a picture")
    done = sharpcli("score", result, originals)
    assert done.exit_code == 1
    assert "2 scored" in done.stdout
    assert "a.png: is not a picture" in done.stderr


def test_a_missing_result_is_said_and_not_averaged_away(sharpcli, trio):
    originals, _, result = trio
    (result / "a.png").unlink()
    done = sharpcli("score", result, originals)
    assert (done.exit_code, "a: no result" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{result}", "missing"], "no such file or folder: missing"),
        (["{result}", "{originals}", "--report", "scores.txt"], "must end in .csv or .json"),
        (["{result}", "{originals}", "--convention", "best"], "'papers'"),
        (["{result}", "{originals}/a.png"], "two folders or two files"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_exit_2(sharpcli, trio, arguments, said):
    originals, _, result = trio
    done = sharpcli("score", *(text.format(originals=originals, result=result) for text in arguments))
    assert (done.exit_code, said in done.stderr) == (2, True)
