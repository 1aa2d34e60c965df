import json
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageFilter

from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.registry import Found, load_registry
from sharpcli.scoring.score import score_pixels
from sharpcli_training.evaluation.evaluate import GRID, pair
from sharpcli_training.evaluation.evaluate import test_sets as measure_sets
from sharpcli_training.evaluation.rows import INPUT, Row, rows_of
from sharpcli_training.evaluation.tables import grid_markdown, int8_markdown, misses


@pytest.fixture
def references(tmp_path, photo):
    (tmp_path / "Tiny").mkdir()
    PILImage.fromarray(photo[:95, :121]).save(tmp_path / "Tiny" / "a.png")
    PILImage.fromarray(photo[100:196, 100:220]).save(tmp_path / "Tiny" / "b.png")
    return tmp_path / "Tiny"


def test_the_table_has_the_untouched_input_and_says_its_convention(sharpcli, references, tmp_path):
    done = sharpcli("train", "evaluate", references, "-e", "student-live", "-e", "bicubic", "-o", tmp_path / "t.md")
    assert done.exit_code == 0
    assert "Convention y" in done.stdout
    rows = {
        line.split("|")[1].strip(): line.split("|")[2].split("/")[0] for line in done.stdout.splitlines() if "|" in line
    }
    assert float(rows["student-live INT8"]) > float(rows["bicubic (baseline)"]) + 1
    assert rows["bicubic"] == rows["bicubic (baseline)"]
    assert (tmp_path / "t.md").read_text().strip() == done.stdout.strip()


def test_the_grid_has_a_row_for_every_degradation(sharpcli, references):
    done = sharpcli("train", "evaluate", references, "--grid", "-e", "student-live")
    assert done.exit_code == 0
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows[1:] == list(GRID)
    assert len(GRID) == 24


def test_shifted_pairs_lie_on_the_other_phase_of_the_grid(photo):
    (straight, _), (shifted, reference) = (pair(photo, 2.0, shift, None) for shift in (False, True))
    np.testing.assert_array_equal(shifted, straight[1:, 1:])
    np.testing.assert_array_equal(reference, photo[1:298, 1:448])


def test_an_unsharp_mask_stands_beside_the_networks(sharpcli, references):
    done = sharpcli("train", "evaluate", references, "-e", "student-live")
    measured = []
    for name in ("a.png", "b.png"):
        with PILImage.open(references / name) as image:
            degraded, reference = pair(np.array(image), 2, False, None)
        masked = np.array(PILImage.fromarray(degraded).filter(ImageFilter.UnsharpMask(1, 60, 0)))
        measured.append(score_pixels(masked, reference, "y"))
    psnr, ssim = (np.mean([one[metric] for one in measured]) for metric in ("psnr", "ssim"))
    assert f"| unsharp mask (radius 1, 60 %) | {psnr:.2f} / {ssim:.4f} | - | - |" in done.stdout


def test_times_are_there_when_asked_for(sharpcli, references, monkeypatch):
    monkeypatch.setattr("sharpcli_training.evaluation.timing.TIMED_SIZE", (64, 48))
    text = sharpcli("train", "evaluate", references, "-e", "student-live:precision=fp32", "--rounds", "1").stdout
    header, _, baseline, unsharp, live = [line.split("|") for line in text.splitlines() if line.startswith("|")]
    assert header[-2].strip() == "ms"
    assert baseline[-2].strip() == "-"
    assert int(unsharp[-2]) >= 0
    assert int(live[-2]) >= 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Tiny", "-e", "nobody"], "unknown enhancer 'nobody'"),
        (["Tiny", "-e", "student:precision"], "NAME:OPTION=VALUE"),
        (["Tiny", "-e", "student:colour=red"], "no option 'colour'"),
        (["Tiny", "-e", "bicubic", "-e", "bicubic"], "given twice"),
        (["Tiny", "other/Tiny", "-e", "bicubic"], "same name"),
        (["Empty", "-e", "bicubic"], "no images found in Empty"),
    ],
)
def test_a_mistake_is_reported_in_words(sharpcli, references, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Empty").mkdir()
    (tmp_path / "other" / "Tiny").mkdir(parents=True)
    done = sharpcli("train", "evaluate", *arguments)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr


class StandIn(Enhancer):
    """As an enhancer with two precisions: INT8 sharpens a little less."""

    name = "standin"
    summary = "sharpens by a mask"
    dtype = "uint8"
    profile: str = option("photo", "degradation", choices=("photo", "x2"))
    precision: str = option("auto", "arithmetic", choices=("auto", "fp32", "int8"))
    folder = Path()

    def enhance(self, pixels):
        percent = {"auto": 0, "fp32": 60, "int8": 40}[self.precision]
        return np.array(PILImage.fromarray(pixels).filter(ImageFilter.UnsharpMask(1, percent, 0)))

    @classmethod
    def weights(cls):
        return tuple(cls.folder / f"standin-{name}.onnx" for name in ("x2", "x2-int8", "photo"))


@pytest.fixture
def standin(tmp_path, monkeypatch):
    StandIn.folder = tmp_path
    for path in StandIn.weights():
        path.touch()
        size = {"bytes": 2000, "weights": "float32", "parameters": 1234, "kmac_per_pixel": 7.5, "scores": {}}
        path.with_suffix(".json").write_text(json.dumps(size))
    monkeypatch.setitem(load_registry().found, "standin", Found(StandIn, "test"))
    return StandIn


def test_an_enhancer_with_precisions_has_a_row_for_each(sharpcli, references, standin):
    both = sharpcli("train", "evaluate", references, "-e", "standin").stdout
    one = sharpcli("train", "evaluate", references, "-e", "standin:precision=int8").stdout
    assert "| standin FP32 | " in both
    assert "| standin INT8 | " in both
    assert "| standin FP32 | " not in one
    (line,) = [line for line in one.splitlines() if line.startswith("| standin INT8")]
    assert line in both
    assert line.endswith("| 1,234 | 7.5 |")


def test_the_loss_of_int8_is_the_difference_of_the_rows(references, standin):
    table = measure_sets([references], rows_of(["standin", "student-live"]), print)
    change = [table[Row("standin", (("precision", p),))]["Tiny"]["psnr"] for p in ("int8", "fp32")]
    (line,) = [line for line in int8_markdown(table).splitlines() if line.startswith("| standin")]
    assert line.split("|")[2].split("/")[0].strip() == f"{change[0] - change[1]:+.2f}"
    assert int8_markdown({row: figures for row, figures in table.items() if row.precision is None}) == ""


def test_each_precision_has_its_figures_in_its_own_card(sharpcli, references, standin, tmp_path):
    done = sharpcli("train", "evaluate", references, "-e", "standin", "--cards")
    assert done.exit_code == 0
    for label, stem in (("FP32", "standin-x2"), ("INT8", "standin-x2-int8")):
        card = json.loads((tmp_path / f"{stem}.json").read_text())
        assert f"| standin {label} | {card['scores']['x2']['result']['Tiny']['psnr']:.2f} /" in done.stdout
    assert json.loads((tmp_path / "standin-photo.json").read_text())["scores"] == {}


@pytest.mark.parametrize(
    ("cell", "before", "after", "fine"),
    [
        ("sharp", (math.inf, 1), (42.1, 0.99), True),
        ("sharp", (math.inf, 1), (41.9, 0.99), False),
        ("sharp, JPEG 75", (37.0, 0.95), (36.95, 0.94), True),
        ("sharp, JPEG 75", (37.0, 0.95), (36.85, 0.96), False),
        ("scale 2, JPEG 50", (28.0, 0.8), (28.1, 0.81), True),
        ("scale 2, JPEG 50", (28.0, 0.8), (28.1, 0.79), False),
        ("scale 4", (26.0, 0.7), (25.9, 0.71), False),
    ],
)
def test_cells_that_miss_are_bold_and_counted(cell, before, after, fine):
    figures = [dict(zip(("psnr", "ssim"), pair, strict=True)) for pair in (before, after)]
    table = {INPUT: {cell: figures[0]}, Row("net"): {cell: figures[1]}}
    assert ("**" in grid_markdown(table)) is not fine
    assert misses(table) == {Row("net"): 0 if fine else 1}
