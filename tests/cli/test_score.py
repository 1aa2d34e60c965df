import csv
import json
import os
import signal

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.plugin.metric import LocalMetric, Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import Origin
from sharpcli.scoring.files import score_files


@pytest.fixture
def trio(sharpcli, folder, tmp_path):
    """Originals, blurred inputs and results."""
    assert sharpcli("degrade", folder, "-o", tmp_path / "blurred").exit_code == 0
    assert sharpcli("enhance", tmp_path / "blurred", "-o", tmp_path / "result", "-O", "profile=x2").exit_code == 0
    return folder, tmp_path / "blurred", tmp_path / "result"


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_the_table_shows_every_image_the_mean_and_the_convention(sharpcli, trio, convention):
    originals, blurred, result = trio
    done = sharpcli("score", result, originals, "--input", blurred, "--convention", convention)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0].split()[:3] == ["image", "psnr", "ssim"]
    assert [line.split()[0] for line in lines[1:5]] == ["a", "sub/b", "sub/deep/ç", "mean"]
    assert lines[-1].startswith(f"3 scored, convention {convention} (")
    mean = [float(text) for text in lines[4].split()[1:]]
    psnr, ssim, input_psnr, gain_psnr, input_ssim, gain_ssim = mean
    assert gain_psnr == pytest.approx(psnr - input_psnr, abs=0.011)
    assert gain_psnr > 1
    assert gain_ssim == pytest.approx(ssim - input_ssim, abs=0.00011)


def test_papers_is_another_name_of_y(sharpcli, trio):
    originals, _, result = trio
    by_both = [sharpcli("score", result, originals, "--convention", name).stdout for name in ("y", "papers")]
    assert by_both[0] == by_both[1]
    assert by_both[0].splitlines()[-1].startswith("3 scored, convention y (BT.601")


def test_reports_hold_what_the_table_shows(sharpcli, trio, tmp_path):
    originals, blurred, result = trio
    for name in ("scores.csv", "scores.json"):
        assert sharpcli("score", result, originals, "--input", blurred, "--report", tmp_path / name).exit_code == 0
    rows = list(csv.DictReader((tmp_path / "scores.csv").open()))
    report = json.loads((tmp_path / "scores.json").read_text())
    assert [row["image"] for row in rows] == ["a", "sub/b", "sub/deep/ç", "mean"]
    assert [float(row["psnr"]) for row in rows[:3]] == [image["psnr"] for image in report["images"]]


def test_without_input_no_gain_is_claimed(sharpcli, trio):
    originals, _, result = trio
    assert "gain" not in sharpcli("score", result, originals).stdout


def test_two_single_files_can_be_scored(sharpcli, trio):
    originals, blurred, _ = trio
    assert "1 scored" in sharpcli("score", blurred / "a.png", originals / "a.png").stdout


@pytest.mark.parametrize("which", ["result", "blurred"])
def test_a_pair_whose_sizes_differ_is_named_with_both_and_the_others_are_scored(sharpcli, trio, which):
    originals, blurred, result = trio
    odd = {"result": result, "blurred": blurred}[which] / "a.png"
    PILImage.new("RGB", (100, 50)).save(odd)
    done = sharpcli("score", result, originals, "--input", blurred)
    assert done.exit_code == 1
    assert f"failed: {odd}: the sizes differ: 100x50 but 128x96" in done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[1:4]] == ["sub/b", "sub/deep/ç", "mean"]


def test_where_nothing_can_be_scored_no_report_is_written(sharpcli, trio, tmp_path):
    originals, _, _ = trio
    PILImage.new("RGB", (100, 50)).save(tmp_path / "odd.png")
    done = sharpcli("score", tmp_path / "odd.png", originals / "a.png", "--report", tmp_path / "scores.csv")
    assert (done.exit_code, "no pair could be scored" in done.stdout) == (1, True)
    assert "100x50 but 128x96" in done.stderr
    assert not (tmp_path / "scores.csv").exists()


def test_an_infinite_psnr_is_reported_in_words(sharpcli, trio):
    originals, blurred, _ = trio
    lines = sharpcli("score", originals, originals, "--input", blurred).stdout.splitlines()
    assert lines[1].split()[1:3] == ["infinite", "1.0000"]
    assert lines[1].split()[4] == "+infinite"


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_how_many_are_scored_at_a_time_changes_nothing(sharpcli, trio, workers):
    originals, blurred, result = trio
    alone = sharpcli("score", result, originals, "--input", blurred, "--workers", 1)
    assert sharpcli("score", result, originals, "--input", blurred, "--workers", workers).stdout == alone.stdout


def test_ctrl_c_leaves_what_is_not_begun_and_exits_130(sharpcli, trio, tmp_path, monkeypatch):
    originals, _, _ = trio
    many = tmp_path / "many"
    many.mkdir()
    for number in range(40):
        (many / f"{number}.png").hardlink_to(originals / "a.png")
    begun = []

    def interrupted(name, *rest):
        begun.append(name)
        if len(begun) == 10:
            os.kill(os.getpid(), signal.SIGINT)
        return score_files(name, *rest)

    monkeypatch.setattr("sharpcli.scoring.folder.score_files", interrupted)
    done = sharpcli("score", many, many, "--workers", 2, "--report", tmp_path / "scores.csv")
    assert (done.exit_code, done.stdout) == (130, "")
    assert 10 <= len(begun) < 20
    assert not (tmp_path / "scores.csv").exists()


def test_a_bad_file_is_named_and_the_others_are_scored(sharpcli, trio):
    originals, _, result = trio
    (result / "a.png").write_text("not an image")
    done = sharpcli("score", result, originals)
    assert done.exit_code == 1
    assert "2 scored" in done.stdout
    assert "a.png: is not an image" in done.stderr


def test_a_missing_result_is_reported_and_not_averaged_away(sharpcli, trio):
    originals, _, result = trio
    (result / "a.png").unlink()
    done = sharpcli("score", result, originals)
    assert (done.exit_code, "a: no result" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{result}", "missing"], "no such file or folder: missing"),
        (["{result}", "{originals}", "--report", "scores.txt"], "must end in .csv or .json"),
        (["{result}", "{originals}", "--convention", "best"], "'papers'"),
        (["{result}", "{originals}/a.png"], "two folders or two files"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line_and_exit_2(sharpcli, trio, arguments, message):
    originals, _, result = trio
    done = sharpcli("score", *(text.format(originals=originals, result=result) for text in arguments))
    assert (done.exit_code, message in done.stderr) == (2, True)


def test_a_report_that_cannot_be_written_is_one_line_after_the_table(sharpcli, trio, tmp_path):
    originals, _, result = trio
    (tmp_path / "file").touch()
    done = sharpcli("score", result, originals, "--report", tmp_path / "file" / "scores.csv")
    assert (done.exit_code, "3 scored" in done.stdout) == (2, True)
    assert "scores.csv cannot be written (" in done.stderr


class Error(LocalMetric):
    name, summary, unit, places = "error", "mean absolute error", "levels", 1
    higher_is_better = False
    origin = Origin("sharpcli_error", "sharpcli-error", "2.0")

    def total(self, result, reference):
        return np.abs(result - reference).sum()


class Grain(Metric):
    name, summary, places = "grain", "how much neighbours differ", 0
    reference = False
    color = "rgb"

    def measure(self, result, reference):
        if result.shape[:2] == (64, 64):
            raise ValueError("no grain here")
        return np.abs(np.diff(result.astype(int), axis=1)).mean()


@pytest.fixture
def plugged(monkeypatch):
    """The metrics of a plugin, installed."""
    for metric in (Error, Grain):
        monkeypatch.setitem(load_registry().metrics, metric.name, metric)


def test_chosen_metrics_are_shown_in_their_order_with_their_places(sharpcli, trio, plugged):
    originals, blurred, result = trio
    sized = ("score", result / "a.png", originals / "a.png", "--input", blurred / "a.png")
    lines = sharpcli(*sized, "-m", "error", "--metric", "psnr", "-m", "error").stdout.splitlines()
    assert lines[0].split() == ["image", "error", "psnr", *("input", "error", "gain", "error"), *lines[0].split()[7:]]
    error, psnr, input_error, gain_error, *rest = lines[1].split()[1:]
    assert float(gain_error) == pytest.approx(float(error) - float(input_error), abs=0.11)
    assert float(gain_error) < 0 < float(rest[1])
    assert [len(text.split(".")[1]) for text in (error, psnr)] == [1, 2]
    assert lines[-1] == "error: lower is better, also for gains"


def test_a_metric_without_reference_says_what_it_judges(sharpcli, trio, plugged):
    originals, blurred, result = trio
    done = sharpcli("score", result / "a.png", originals / "a.png", "--input", blurred / "a.png", "-m", "grain")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == (
        "grain: measures an image without its reference; measures whole RGB images in every convention"
    )
    with PILImage.open(result / "a.png") as image:
        due = np.abs(np.diff(np.asarray(image.convert("RGB")).astype(int), axis=1)).mean()
    assert done.stdout.splitlines()[1].split()[1] == f"{due:.0f}"


def test_ms_ssim_names_the_size_it_needs(sharpcli, trio, photo):
    originals, _, result = trio
    for folder in (originals, result):
        PILImage.fromarray(photo[:180, :190]).save(folder / "large.png")
    done = sharpcli("score", result, originals, "-m", "ms-ssim", "-m", "psnr")
    assert done.exit_code == 1
    assert "large   1.0000  infinite" in done.stdout
    assert (
        done.stderr.count(
            "is too small to be scored: metric ms-ssim of sharpcli 0.1.0 (sharpcli.scoring.metrics) needs"
        )
        == 3
    )


def test_a_metric_that_fails_costs_that_image_alone_and_is_named(sharpcli, trio, plugged):
    originals, _, result = trio
    done = sharpcli("score", result, originals, "-m", "grain")
    assert (done.exit_code, "2 scored" in done.stdout) == (1, True)
    place = result / "sub/deep/ç.png"
    assert done.stderr == f"failed: {place}: metric grain failed: ValueError: no grain here\n"


def test_the_json_report_knows_unit_and_direction_of_what_was_measured(sharpcli, trio, plugged, tmp_path):
    originals, blurred, result = trio
    report = tmp_path / "scores.json"
    options = ("-m", "ssim", "-m", "error", "--report", report)
    assert sharpcli("score", result, originals, "--input", blurred, *options).exit_code == 0
    written = json.loads(report.read_text())
    shown = [(one["name"], one["summary"], one["unit"], one["higher_is_better"]) for one in written["metrics"]]
    assert shown == [
        ("ssim", "structural similarity, 11 x 11 windows", "", True),
        ("error", "mean absolute error", "levels", False),
    ]
    assert written["metrics"][1]["origin"]["version"] == "2.0"
    for row in [*written["images"], written["mean"]]:
        assert row["gain_error"] == row["error"] - row["input_error"]


def test_an_unknown_metric_is_answered_with_those_that_exist_before_anything_is_read(sharpcli):
    done = sharpcli("score", "no", "where", "-m", "lpips")
    assert (done.exit_code, done.stderr) == (2, "Error: unknown metric 'lpips'; available: ms-ssim, psnr, ssim\n")


def test_a_damaged_image_that_can_be_read_is_scored_with_a_note(tmp_path, photo, sharpcli):
    PILImage.fromarray(photo).save(tmp_path / "a.jpg", quality=90)
    whole = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(whole[:-2])
    done = sharpcli("score", tmp_path / "b.jpg", tmp_path / "a.jpg", "--report", tmp_path / "report.json")
    assert done.exit_code == 0
    assert done.stderr.count("b.jpg: may be damaged (its end is missing, but all pixels are there)") == 1
    (row,) = json.loads((tmp_path / "report.json").read_text())["images"]
    assert len(row["notes"]) == 1
    again = sharpcli("compare", tmp_path / "b.jpg", "-e", "bicubic", "-o", tmp_path / "sheet.png")
    assert again.stderr.count("b.jpg: may be damaged") == 1
