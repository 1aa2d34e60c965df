import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.resample import degrade
from sharpcli.plugin.registry import load_registry

QUICK = ("-e", "bicubic", "-e", "student-live")


@pytest.fixture
def pair(tmp_path, photo):
    """A blurred image and its original."""
    paths = tmp_path / "blurred.png", tmp_path / "original.png"
    for path, pixels in zip(paths, (degrade(photo, 2), photo), strict=True):
        PILImage.fromarray(pixels).save(path)
    return paths


def table(stdout):
    """The rows of the table, by name."""
    cells = [re.split(" {2,}", line) for line in stdout.splitlines()[1:] if "  " in line]
    return {name: values for name, *values in cells}


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_the_table_has_what_enhance_and_score_would_say(sharpcli, pair, tmp_path, convention):
    blurred, original = pair
    sheet = tmp_path / "out" / "sheet.png"
    done = sharpcli(
        "compare", blurred, *QUICK, "-o", sheet, "--reference", original, "--convention", convention, "--strength", 0.5
    )
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split() == ["candidate", "ms", "psnr", "ssim", "gain", "psnr", "gain", "ssim"]
    assert f"convention {convention} (" in done.stdout
    rows = table(done.stdout)
    sharp = tmp_path / "sharp.png"
    assert sharpcli("enhance", blurred, "-o", sharp, "-e", "student-live", "--strength", 0.5).exit_code == 0
    output = sharpcli("score", sharp, original, "--input", blurred, "--convention", convention).stdout
    psnr, ssim, input_psnr, gain_psnr, input_ssim, gain_ssim = output.splitlines()[1].split()[1:]
    assert rows["input"] == ["-", input_psnr, input_ssim, "-", "-"]
    assert rows["student-live"][1:] == [psnr, ssim, gain_psnr, gain_ssim]
    assert rows["bicubic"][1:] == [input_psnr, input_ssim, "+0.00", "+0.0000"]
    assert all(float(rows[name][0]) >= 0 for name in ("bicubic", "student-live"))
    assert PILImage.open(sheet).width > 4 * 320


def test_without_a_choice_all_that_are_installed_are_compared(sharpcli, pair, tmp_path):
    done = sharpcli("compare", pair[0], "-o", tmp_path / "sheet.png")
    assert list(table(done.stdout)) == ["input", *sorted(load_registry().found)]
    assert "psnr" not in done.stdout


def test_an_enhancer_that_cannot_do_without_an_option_is_left_out_in_words(sharpcli, pair, tmp_path, monkeypatch):
    file = Path(__file__).parents[2] / "plugins/examples/sharpcli-opencv/sharpcli_opencv.py"
    everywhere = sorted(load_registry().found)
    monkeypatch.delenv("SHARPCLI_OPENCV_MODEL", raising=False)
    monkeypatch.setenv("SHARPCLI_PLUGINS", str(file))
    load_registry.cache_clear()
    try:
        done = sharpcli("compare", pair[0], "-o", tmp_path / "sheet.png")
        asked = sharpcli("compare", pair[0], "-o", tmp_path / "sheet.png", "-e", "opencv")
    finally:
        load_registry.cache_clear()
    assert done.exit_code == 0
    assert list(table(done.stdout)) == ["input", *everywhere]
    assert "skipped: enhancer opencv needs the file of a network" in done.stderr
    assert asked.exit_code == 2


def test_an_enlarged_image_is_compared_with_an_original_of_the_new_size(sharpcli, pair, photo, tmp_path):
    PILImage.fromarray(photo[:298, :448]).save(pair[1])
    PILImage.fromarray(photo[:298, :448]).resize((224, 149), PILImage.Resampling.BICUBIC).save(pair[0])
    options = ("--upscale", 2, "--reference", pair[1], "-e", "student", "-e", "student:profile=photo")
    done = sharpcli("compare", pair[0], "-o", tmp_path / "sheet.png", *options)
    rows = table(done.stdout)
    assert list(rows) == ["input enlarged 2x", "student", "student profile=photo"]
    # The weights that know the enlargement, which --upscale picks, win clearly more.
    assert float(rows["student"][3]) > float(rows["student profile=photo"][3]) + 0.3


def test_each_place_has_its_row_of_crops(sharpcli, pair, photo, tmp_path):
    sheet = tmp_path / "sheet.png"
    for places in ([(200, 100)], [(200, 100), (330, 120)]):
        options = [text for place in places for text in ("--at", f"{place[0]},{place[1]}")]
        done = sharpcli("compare", pair[0], "-o", sheet, *QUICK, *options, "--size", 40, "--zoom", 3)
        assert done.exit_code == 0
        seen, blurred = np.asarray(PILImage.open(sheet)), np.asarray(PILImage.open(pair[0]))
        for x, y in places:
            crop = blurred[y - 20 : y + 20, x - 20 : x + 20].repeat(3, 0).repeat(3, 1)
            corners = np.argwhere((seen[:-120, :-120] == crop[0, 0]).all(2))
            # As it came, and as bicubic gives it back.
            assert sum((seen[top : top + 120, left : left + 120] == crop).all() for top, left in corners) == 2


def test_an_earlier_sheet_is_replaced_and_no_other_file_is(sharpcli, pair, tmp_path):
    sheet, other = tmp_path / "sheet.jpg", tmp_path / "holiday.jpg"
    PILImage.open(pair[1]).save(other)
    before = other.read_bytes()
    assert sharpcli("compare", pair[0], "-o", sheet, *QUICK).exit_code == 0
    first = sheet.read_bytes()
    assert sharpcli("compare", pair[0], "-o", sheet, *QUICK, "--at", "5,5").exit_code == 0
    assert sheet.read_bytes() != first
    done = sharpcli("compare", pair[0], "-o", other, *QUICK)
    assert (done.exit_code, "holiday.jpg already exists and was not written by compare" in done.stderr) == (2, True)
    assert other.read_bytes() == before


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("link", [None, "hardlink_to", "symlink_to"])
def test_the_sheet_never_replaces_what_is_compared(sharpcli, pair, tmp_path, which, link):
    out = pair[which]
    if link:
        out = tmp_path / "other.png"
        getattr(out, link)(pair[which])
    before = pair[which].read_bytes()
    done = sharpcli("compare", pair[0], "--reference", pair[1], "-o", out, *QUICK)
    assert (done.exit_code, "is an input and would be overwritten" in done.stderr) == (2, True)
    assert pair[which].read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.png"], "missing.png: no such file"),
        (["{folder}/notes.txt"], "notes.txt: is not an image"),
        (["{folder}"], "cannot be read"),
        (["{image}", "--reference", "{folder}/notes.txt"], "notes.txt: is not an image"),
        (["{image}", "--reference", "{folder}/small.png"], "the reference has 40x30 pixels and the result 449x299"),
        (["{image}", "--upscale", "2", "--reference", "{image}"], "449x299 pixels and the result 898x598"),
        (["{folder}/small.png", "--at", "40,3"], "position 40,3 is outside the image (40x30 pixels"),
        (["{image}", "--at", "forty"], "invalid position 'forty'; use X,Y in pixels"),
        (["{image}", "-e", "students"], "unknown enhancer 'students'; available: bicubic"),
        (["{image}", "-e", "student:profile"], "NAME:OPTION=VALUE"),
        (["{image}", "-e", "student:profile=x9"], "option profile must be deblur or photo or call or x2 or auto"),
        (["{image}", "-e", "bicubic", "-e", "bicubic"], "given twice"),
        (["{image}", "--size", "299", "--zoom", "32"], "use a smaller size or zoom, or fewer crops"),
        (["{image}", "-o", "{folder}"], "must end in .png"),
        (["{image}", "-o", "{folder}/sheet.gif"], "must end in .png"),
        (["{image}", "--convention", "best"], "'papers'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2_and_nothing_is_written(sharpcli, pair, photo, tmp_path, arguments, message):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("no image")
    PILImage.fromarray(photo[:30, :40]).save(folder / "small.png")
    texts = [text.format(folder=folder, image=pair[0]) for text in arguments]
    out = [] if "-o" in texts else ["-o", folder / "sheet.png"]
    done = sharpcli("compare", *texts, *out)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["notes.txt", "small.png"]
