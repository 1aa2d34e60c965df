"""The page of figures, its plot and the page of crops."""

import re

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.scoring.score import STUDIO_LUMA, psnr
from sharpcli_training.evaluation.evaluate import pair, sharpened
from sharpcli_training.evaluation.rows import INPUT, Row
from sharpcli_training.report import crop_sheet as sheets
from sharpcli_training.report import crops


@pytest.fixture
def desk(tmp_path, photo, monkeypatch):
    """Two folders of references, small photographs for the crops, and quick times."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sharpcli_training.evaluation.timing.TIMED_SIZE", (64, 48))
    photographs = {"cat": lambda: photo[40:170, 80:240], "grey": lambda: photo[60:190, 100:260, 1]}
    monkeypatch.setattr("sharpcli_training.report.crops.PHOTOGRAPHS", photographs)
    for name, top in (("Set5", 0), ("Set14", 90)):
        (tmp_path / name).mkdir()
        PILImage.fromarray(photo[top : top + 96, 60:180]).save(tmp_path / name / "a.png")
    return tmp_path


def write(sharpcli, *more):
    nets = ("-e", "student-live", "-e", "student", "-e", "bicubic")
    done = sharpcli("train", "report", "Set5", "Set14", *nets, "-o", "docs/benchmarks.md", *more)
    assert done.exit_code == 0, done.stderr
    return done


def rows(text):
    return [line for line in text.splitlines() if line.startswith("| ")]


def test_the_page_holds_what_evaluate_prints_and_names_the_commands(sharpcli, desk):
    write(sharpcli, "--grid", "Set14", "--leave-out", "Set14:student", "--rounds", 0, "--no-crops")
    page = (desk / "docs/benchmarks.md").read_text()
    commands = re.findall(r"^`sharpcli (train evaluate .*)`$", page, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        printed = rows(sharpcli(*command.split()).stdout)
        assert len(printed) > 4
        assert "\n".join(printed[1:]) in "\n".join(rows(page))
    grid = page.split("## Unknown degradation")[1].split("## Cost")[0]
    assert "| student FP32 |" not in grid
    assert re.search(r"Cells below target, of 24: student-live FP32 \d+, student-live INT8 \d+, bicubic 20\.", grid)
    assert "FSRCNN | 37.00 | 32.63 | 12K | 6.5 |" in page
    assert "SESR-M5 † |" in page
    assert "cores, " in page
    assert "| `student-x2.onnx` | float32 | " in page
    assert "INT8 against FP32" in page
    assert str(desk) not in page
    with PILImage.open(desk / "docs/quality-cost.png") as plot:
        assert (plot.width > 600, plot.height > 400) == (True, True)
        assert np.asarray(plot.convert("L")).std() > 10


def test_the_report_repeats_itself_by_the_command_it_names(sharpcli, desk):
    write(sharpcli, "--rounds", 0, "--no-crops")
    first = (desk / "docs/benchmarks.md").read_text()
    (command,) = re.findall(r"^`sharpcli (train report .*)`$", first, re.MULTILINE)
    assert sharpcli(*command.split()).exit_code == 0
    assert (desk / "docs/benchmarks.md").read_text() == first


def test_what_is_written_by_hand_survives_and_old_figures_do_not(sharpcli, desk):
    (desk / "docs").mkdir()
    page = desk / "docs/benchmarks.md"
    page.write_text("# Mine\n\nAn honest note.\n\n<!-- figures: x2 -->\n| old |\n<!-- end -->\n\nAnother \\1 note.\n")
    write(sharpcli, "--rounds", 1, "--no-crops")
    text = page.read_text()
    assert text.startswith("# Mine\n\nAn honest note.\n\n<!-- figures: x2 -->\n")
    assert text.endswith("<!-- end -->\n\nAnother \\1 note.\n")
    assert "| old |" not in text
    assert "| student-live INT8 | " in text
    assert "| kMAC/px | ms |" in text


@pytest.mark.parametrize(
    ("page", "more", "message"),
    [
        ("Only words.\n", [], "has no line"),
        ("<!-- figures: nonsense -->\n<!-- end -->\n", [], "wants figures nonsense"),
        (None, ["--leave-out", "Set14:teacher"], "no Set14:teacher to leave out"),
        (None, ["--leave-out", "Set14"], "must be FOLDER:ENHANCER"),
    ],
)
def test_a_page_that_is_not_one_is_left_alone(sharpcli, desk, page, more, message):
    (desk / "docs").mkdir()
    if page:
        (desk / "docs/benchmarks.md").write_text(page)
    done = sharpcli("train", "report", "Set5", "-o", "docs/benchmarks.md", "--grid", "Set14", "-e", "student", *more)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    assert [path.read_text() for path in (desk / "docs").iterdir()] == ([page] if page else [])


def test_the_crops_are_shown_with_their_figures(sharpcli, desk):
    write(sharpcli, "--rounds", 0)
    page = (desk / "docs/crops.md").read_text()
    for profile in ("x2", "photo"):
        assert f"](crops-{profile}.webp)" in page
        with PILImage.open(desk / f"docs/crops-{profile}.webp") as sheet:
            assert sheet.width > 4 * 3 * crops.CROP_SIZE[1]
    for name in ("student-live", "student"):
        for kind in ("best", "worst"):
            assert re.search(rf"^\| {kind} for .*\b{name} \([+-]\d+\.\d\d dB\)", page, re.MULTILINE)
    assert "CC0 or in the public domain:\ncat, grey." in page


def test_a_crop_is_the_best_of_all_and_its_figures_are_right(photo):
    row = Row("student-live")
    best, worst = crops.find_crops({"cat": photo}, [row], "x2", print)
    gains = [crop.psnr[row] - crop.psnr[INPUT] for crop in (best, worst)]
    assert f"best for student-live ({gains[0]:+.2f} dB): cat, scale 2" in best.title
    assert f"worst for student-live ({gains[1]:+.2f} dB): cat, scale 2" in worst.title
    degraded, reference = pair(photo, 2, False, None)
    result = sharpened(degraded, row, "x2")
    for crop in (best, worst):
        top, left = crop.place
        window = np.s_[top : top + 48, left : left + 72]
        for pixels, key in ((degraded, INPUT), (result, row)):
            luma = [whole[window].astype(float) @ STUDIO_LUMA for whole in (pixels, reference)]
            assert psnr(*luma) == pytest.approx(crop.psnr[key])
        np.testing.assert_array_equal(crop.pixels["reference"], reference[window])
    assert gains[0] > gains[1]
    assert f"{best.psnr[row]:.2f} |" in sheets.crops_markdown([best, worst], [row])


def test_a_crop_that_is_the_best_of_two_is_shown_once_with_both(photo):
    rows = [Row("student-live"), Row("student-live", (("profile", "x2"),))]
    best, worst = crops.find_crops({"cat": photo}, rows, "x2", print)
    assert best.rows == worst.rows == tuple(rows)
