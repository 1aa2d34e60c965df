"""The page of figures, its plot and the page of crops."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.score import STUDIO_LUMA, psnr
from sharpcli_training.evaluation.evaluate import pair, sharpened
from sharpcli_training.evaluation.rows import INPUT, Row
from sharpcli_training.evaluation.wide.cells import CELLS
from sharpcli_training.report import crop_sheet as sheets
from sharpcli_training.report import crops

POLYBLUR = Path(__file__).parents[3] / "plugins/examples/sharpcli-polyblur/sharpcli_polyblur.py"


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


@pytest.fixture
def wide(desk, photo, monkeypatch):
    """A folder of two references for the wide grid, of which two rows are measured."""
    monkeypatch.setattr("sharpcli_training.evaluation.wide.cells.CELLS", (CELLS[1], CELLS[16]))
    (desk / "Wide").mkdir()
    for name, top in (("a", 0), ("b", 90)):
        PILImage.fromarray(photo[top : top + 192, 60:252]).save(desk / f"Wide/{name}.png")
    return desk


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


def test_the_wide_grid_is_what_evaluate_prints_of_the_students_and_others(sharpcli, wide):
    write(sharpcli, "--wide", "Wide:2", "--rounds", 0, "--no-crops")
    page = (wide / "docs/benchmarks.md").read_text()
    part = page.split("## Blur, noise")[1].split("## Unknown")[0]
    (command,) = re.findall(r"^`sharpcli (train evaluate .*)`$", part, re.MULTILINE)
    assert command.startswith("train evaluate Wide:2 --wide --told --classics --metrics -e student-live -e student ")
    done = sharpcli(*command.split())
    assert done.stdout.split("\n\n", 1)[1].strip() in part
    assert "Data: one in 2 of the 2 images in Wide, " in part
    psnr, _, _, more, *_ = rows(part)
    names = [f"{name} {how}" for name in ("student-live", "student", "student-large") for how in ("found", "told")]
    asked = ["bicubic", "unsharp", "RL", "best unsharp", "best RL"]
    assert psnr.strip("| ").split(" | ") == ["degradation", "input", *names, *asked]
    assert more.strip("| ").split(" | ") == ["degradation", "input", *names[::2], *asked[:3]]
    assert " --wide Wide:2 " in page.split("## Images")[0]


def test_one_region_is_written_and_nothing_else_is_measured_or_changed(sharpcli, wide, monkeypatch):
    def measured(*_, **__):
        raise AssertionError("nobody asked for this")

    (wide / "docs").mkdir()
    regions = [f"<!-- figures: {name} -->\n| old {name} |\n<!-- end -->\n" for name in ("setup", "x2", "wide", "cost")]
    before = "# Mine\n\n" + "\nWords.\n\n".join(regions)
    page = wide / "docs/benchmarks.md"
    page.write_text(before)
    for name in ("test_sets", "time_rows", "time_startup", "degradation_grid"):
        monkeypatch.setattr(f"sharpcli_training.report.measured.{name}", measured)
    asked = ("-e", "polyblur", "--wide", "Wide", "--leave-out", "Wide:student", "--leave-out", "Wide:student-large")
    done = sharpcli("train", "report", *asked, "--only", "wide", "--only", "cost", "-o", page, "--plugin", POLYBLUR)
    assert (done.exit_code, done.stdout.split()) == (0, ["->", str(page)]), done.stderr
    assert list((wide / "docs").iterdir()) == [page]
    after = page.read_text()
    for old, name in zip(regions, ("setup", "x2", "wide", "cost"), strict=True):
        assert (old in after) is (name in ("setup", "x2"))
    assert re.sub(r"(figures: (?:wide|cost) -->\n).*?(?=<!-- end)", r"\1", after, flags=re.DOTALL) == before.replace(
        "| old wide |\n", ""
    ).replace("| old cost |\n", "")
    assert "| degradation | input | student-live found | student-live told | polyblur | unsharp |" in after
    assert " -e student-live -e polyblur --plugin sharpcli_polyblur.py`\n" in after


def test_only_the_cards_of_what_is_written_get_figures(sharpcli, wide, monkeypatch):
    student = load_registry().get("student-live")
    shutil.copytree(student.folder, wide / "weights")
    monkeypatch.setattr(student, "folder", wide / "weights")
    before = {path.name: path.read_text() for path in (wide / "weights").glob("*.json")}
    asked = ("-e", "bicubic", "--wide", "Wide", "--leave-out", "Wide:student", "--leave-out", "Wide:student-large")
    done = sharpcli("train", "report", *asked, "--only", "wide", "--cards", "-o", "docs/benchmarks.md")
    assert done.exit_code == 0, done.stderr
    (changed,) = (name for name, text in before.items() if (wide / "weights" / name).read_text() != text)
    assert changed in ("student-live-deblur.json", "student-live-deblur-int8.json")
    scores = json.loads((wide / "weights" / changed).read_text())["scores"]
    assert set(scores["wide grid"]["result"]) == {"Gaussian 1.0", "bicubic x2"}
    gain = scores["wide grid"]["result"]["bicubic x2"]["psnr"] - scores["wide grid"]["input"]["bicubic x2"]["psnr"]
    (line,) = re.findall(r"^\| bicubic x2 \| \d+\.\d\d \|.*", (wide / "docs/benchmarks.md").read_text(), re.MULTILINE)
    assert float(line.split("|")[3]) == pytest.approx(gain, abs=0.006)


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
        (None, ["--only", "setup"], "--only setup is not possible; choose of x2, "),
        (None, ["--only", "wide"], "region wide needs --wide FOLDER"),
        ("<!-- figures: x2 -->\n<!-- end -->\n", ["--only", "cost"], "has no line '<!-- figures: cost -->'"),
        ("<!-- figures: x2 -->\n<!-- end -->\n", ["--wide", "Set5"], "has no line '<!-- figures: wide -->'"),
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
