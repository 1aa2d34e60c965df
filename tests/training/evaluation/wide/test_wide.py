"""The wide grid: whom its tables have, what they say of sharpness, and whose cards get the figures."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from scipy import ndimage

from sharpcli.plugin.cards import card_of
from sharpcli.plugin.registry import load_registry
from sharpcli_training.evaluation.rows import Row
from sharpcli_training.evaluation.wide.cells import CELLS
from sharpcli_training.evaluation.wide.classics import classical
from sharpcli_training.evaluation.wide.figures import SHARPNESS, CellFigures, decibels, recovered, sharpness
from sharpcli_training.evaluation.wide.references import described, read_references

POLYBLUR = Path(__file__).parents[4] / "plugins/examples/sharpcli-polyblur/sharpcli_polyblur.py"


@pytest.fixture
def images(tmp_path, photo):
    folder = tmp_path / "Tiny"
    folder.mkdir()
    PILImage.fromarray(photo[:192, :192]).save(folder / "a.png")
    PILImage.fromarray(photo[100:292, 200:392]).save(folder / "b.png")
    return folder


@pytest.fixture
def tables(sharpcli, images):
    """Run it; its tables as dictionaries from row and column to text."""

    def run(*arguments, folder=images):
        done = sharpcli("train", "evaluate", folder, "--wide", *arguments)
        assert done.exit_code == 0, done.stderr
        assert "Convention y" in done.stdout
        return [_table(part.splitlines()) for part in done.stdout.split("\n\n") if part.startswith("| ")]

    return run


def _table(lines):
    names, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def test_a_plugin_of_a_file_stands_in_both_tables(tables):
    only = ("--only", "Gaussian 1.0", "--only", "sharp")
    psnr, more = tables("--metrics", "-e", "bicubic", "-e", "polyblur", "--plugin", POLYBLUR, *only)
    assert list(psnr) == list(more) == ["Gaussian 1.0", "sharp"]
    blurred, sharp = more.values()
    assert psnr["Gaussian 1.0"]["bicubic"] == "+0.00"
    assert blurred["bicubic"] == "+0.0000 / +0.0000 / 0 %"
    ssim, ms_ssim, left = blurred["input"].split(" / ")
    assert 0 < float(ssim) < float(ms_ssim) < 1
    assert 0 < int(left.removesuffix(" %")) < 100
    ssim, ms_ssim, back = blurred["polyblur"].split(" / ")
    assert float(psnr["Gaussian 1.0"]["polyblur"]) * float(ssim) * float(ms_ssim) != 0
    assert int(back.removesuffix(" %")) > 20
    assert sharp["input"].endswith("/ 100 %")
    assert sharp["polyblur"].endswith("/ -")


def test_the_classics_stand_there_with_their_best_settings(tables):
    psnr, more = tables("--metrics", "--classics", "-e", "bicubic", "--only", "disc 1.5", "--only", "sharp")
    assert list(psnr["sharp"])[2:] == ["bicubic", "unsharp", "RL", "best unsharp", "best RL"]
    gains = {name: float(gain) for name, gain in psnr["disc 1.5"].items() if name != "degradation"}
    assert gains["best unsharp"] >= gains["unsharp"] > 0
    assert gains["best RL"] > gains["RL"] > 0
    assert psnr["sharp"]["best RL"] == ""
    assert list(more["sharp"])[2:] == ["bicubic", "unsharp", "RL"]


def test_the_best_setting_is_one_that_was_tried(tables, images):
    (psnr,) = tables("--classics", "-e", "bicubic", "--only", "motion 5")
    (cell,) = (cell for cell in CELLS if cell.name == "motion 5")
    tried = {}
    for reference in read_references(images):
        degraded = cell.chain(reference)
        for name, result in classical(cell.chain.blur, degraded):
            tried.setdefault(name, []).append(decibels(result, reference) - decibels(degraded, reference))
    for name in ("unsharp", "RL"):
        most = max(np.mean(gains) for key, gains in tried.items() if key.startswith(f"{name} "))
        assert float(psnr["motion 5"][f"best {name}"]) == pytest.approx(most, abs=0.006)


def test_only_who_has_the_options_is_told(tables):
    (psnr,) = tables("--told", "-e", "student", "-e", "bicubic", "--only", "Gaussian 0.7", "--only", "bicubic x2")
    assert list(psnr["bicubic x2"])[2:] == ["student found", "student told", "bicubic"]
    assert float(psnr["Gaussian 0.7"]["student told"]) > 1
    assert psnr["bicubic x2"]["student told"] == ""


def test_the_students_are_measured_where_nobody_is_named(tables):
    (psnr,) = tables("--only", "bicubic x2")
    assert list(psnr["bicubic x2"])[2:] == ["student-live", "student", "student-large"]


def test_every_nth_image_is_taken_unless_a_folder_is_called_so(tables, images):
    only = ("-e", "bicubic", "--only", "Gaussian 1.0")
    alone = images.with_name("One")
    alone.mkdir()
    shutil.copy(images / "a.png", alone)
    (every,) = tables(*only)
    (first,) = tables(*only, folder=f"{images}:2")
    assert (first,) == tuple(tables(*only, folder=alone)) != (every,)
    assert described(images.with_name("Tiny:2")) == "one in 2 of the 2 images in Tiny"
    images.rename(images.with_name("Tiny:2"))
    assert (every,) == tuple(tables(*only, folder=f"{images}:2"))


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["Tiny", "--wide", "--plugin", "no/such.py"], "no plugin file no/such.py"),
        (["Tiny", "--wide", "-e", "nobody"], "nobody"),
        (["Tiny", "--wide", "-e", "bicubic", "-e", "bicubic"], "given twice"),
        (["Small", "--wide", "--metrics", "-e", "bicubic"], "c.png: is too small to be scored: metric ms-ssim"),
        (["Tiny", "--wide", "--only", "disc 3"], "no cell 'disc 3'; it has: Gaussian 0.7; "),
        (["Tiny:x", "--wide"], "Tiny:x is not a folder"),
        (["Tiny", "Tiny", "--wide"], "same name"),
        (["Tiny", "--wide", "--grid"], "--wide and --grid cannot be combined"),
        (["Tiny", "--wide", "--rounds", "1"], "--wide and --rounds cannot be combined"),
        (["Tiny", "--wide", "--cards", "--only", "sharp"], "--cards wants the whole wide grid"),
        (["Tiny", "--told"], "add --wide"),
        (["Tiny", "--grid", "--only", "sharp"], "add --wide"),
    ],
)
def test_what_cannot_work_is_reported_in_one_line(sharpcli, images, photo, monkeypatch, arguments, wrong):
    monkeypatch.chdir(images.parent)
    Path("Small").mkdir()
    PILImage.fromarray(photo[:120, :120]).save("Small/c.png")
    done = sharpcli("train", "evaluate", *arguments)
    assert done.exit_code == 2
    assert wrong in done.stderr.splitlines()[-1]


def test_the_cards_say_what_the_table_says(sharpcli, images, tmp_path, monkeypatch):
    student = load_registry().get("student-live")
    weights = tmp_path / "weights"
    shutil.copytree(student.folder, weights)
    monkeypatch.setattr(student, "folder", weights)
    monkeypatch.setattr("sharpcli_training.evaluation.wide.cells.CELLS", (CELLS[1], CELLS[16]))
    asked = ("-e", "student-live:precision=int8", "-e", "student-live:precision=fp32,noise=2", "-e", "bicubic")
    done = sharpcli("train", "evaluate", images, "--wide", "--told", "--cards", *asked)
    assert done.exit_code == 0, done.stderr
    psnr = _table([line for line in done.stdout.splitlines() if line.startswith("|")])
    (file,) = (path for path in student.weights() if path.name == "student-live-deblur-int8.onnx")
    card = card_of(file)
    assert card.problems == ()
    found, told = card.scores
    assert (found.name, told.name, found.convention) == ("wide grid", "wide grid, told", "y")
    assert [row.name for row in found.rows] == ["Gaussian 1.0", "bicubic x2"]
    assert [row.name for row in told.rows] == ["Gaussian 1.0"]
    for column, table in (("found", found), ("told", told)):
        for row in table.rows:
            assert list(row.result) == list(row.input) == ["psnr", "ssim"]
            gain = row.result["psnr"] - row.input["psnr"]
            assert float(psnr[row.name][f"student-live INT8 {column}"]) == pytest.approx(gain, abs=0.006)
    # A card speaks of its weights as they are used by default.
    assert json.loads((weights / "student-live-deblur.json").read_text())["scores"] == {}


def test_without_a_precision_the_card_of_what_this_machine_runs_is_written(sharpcli, images, tmp_path, monkeypatch):
    student = load_registry().get("student-live")
    weights = tmp_path / "weights"
    shutil.copytree(student.folder, weights)
    for path in weights.glob("*.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "scores": {}}))
    monkeypatch.setattr(student, "folder", weights)
    monkeypatch.setattr("sharpcli_training.evaluation.wide.cells.CELLS", CELLS[16:17])
    monkeypatch.setattr("sharpcli.inference.precision.int8_is_faster", lambda: False)
    assert sharpcli("train", "evaluate", images, "--wide", "--cards", "-e", "student-live").exit_code == 0
    scored = [path.stem for path in sorted(weights.glob("*-deblur*.json")) if "wide grid" in path.read_text()]
    assert scored == ["student-live-deblur"]


def test_sharpness_recovered_is_the_share_of_what_was_lost(photo):
    soft, softer = (np.rint(ndimage.gaussian_filter(photo.astype(float), (s, s, 0))).astype(np.uint8) for s in (0.7, 1))
    crisper = np.rint(photo + 0.5 * (photo - soft.astype(float))).clip(0, 255).astype(np.uint8)

    def share(degraded, result):
        each = [{SHARPNESS: sharpness(pixels)} for pixels in (photo, degraded, result)]
        return recovered(CellFigures("", *each[:2], {Row("any"): each[2]}), each[2])

    assert share(softer, softer) == 0
    assert share(softer, photo) == 1
    assert 0.1 < share(softer, soft) < 0.9
    assert share(softer, crisper) > 1
    assert share(soft, softer) < 0
    # Nothing was lost, so that nothing can come back.
    assert share(photo, crisper) is None
    assert share(crisper, photo) is None
