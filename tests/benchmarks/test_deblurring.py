"""The tables of benchmarks/deblurring.py: whom they measure, and what they say of sharpness."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage
from scipy import ndimage

from sharpcli.plugin.registry import load_registry
from tests.helpers.scripts import benchmark

POLYBLUR = Path(__file__).parents[2] / "plugins/examples/sharpcli-polyblur/sharpcli_polyblur.py"


@pytest.fixture
def tables(tmp_path, photo, monkeypatch, capsys):
    """Run the script on one photograph; its tables as dictionaries from row and column to text."""
    PILImage.fromarray(photo[:192, :192]).save(tmp_path / "a.png")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["deblurring.py", str(tmp_path), *map(str, arguments)])
        benchmark("deblurring").main()
        parts = [part.splitlines() for part in capsys.readouterr().out.split("\n\n") if part.startswith("| ")]
        return [_table(lines) for lines in parts]

    yield run
    load_registry.cache_clear()  # a loose file is there for one process, which here is that of all tests


def _table(lines):
    names, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def test_a_plugin_of_a_file_stands_in_every_table(tables):
    only = ("--only", "Gaussian 1.0", "--only", "sharp")
    psnr, ssim, ms_ssim, sharpness = tables("--metrics", "-e", "bicubic", "-e", "polyblur", "--plugin", POLYBLUR, *only)
    blurred = "Gaussian 1.0"
    assert psnr[blurred]["bicubic"] == "+0.00"
    assert ssim[blurred]["bicubic"] == ms_ssim[blurred]["bicubic"] == "+0.0000"
    assert sharpness[blurred]["bicubic"] == "0 %"
    for table in (psnr, ssim, ms_ssim):
        assert float(table[blurred]["polyblur"]) != 0
    assert 0 < float(ssim[blurred]["input"]) < float(ms_ssim[blurred]["input"]) < 1
    assert 0 < int(sharpness[blurred]["input"].removesuffix(" %")) < 100
    assert int(sharpness[blurred]["polyblur"].removesuffix(" %")) > 20
    assert sharpness["sharp"] == {"degradation": "sharp", "input": "100 %", "bicubic": "", "polyblur": ""}


def test_the_classics_stand_there_with_their_best_settings(tables):
    psnr, *_, sharpness = tables("--metrics", "--classics", "-e", "bicubic", "--only", "disc 1.5", "--only", "sharp")
    assert list(psnr["sharp"])[2:] == ["unsharp", "best unsharp", "RL", "best RL", "bicubic"]
    gains = {name: float(gain) for name, gain in psnr["disc 1.5"].items() if name != "degradation"}
    assert gains["best unsharp"] >= gains["unsharp"] > 0
    assert gains["best RL"] > gains["RL"] > 0
    assert psnr["sharp"]["best RL"] == sharpness["sharp"]["best RL"] == ""
    assert sharpness["disc 1.5"]["best RL"].endswith(" %")


def test_only_who_has_the_options_is_told(tables):
    (psnr,) = tables("--told", "-e", "student:profile=deblur", "-e", "bicubic", "--only", "Gaussian 0.7")
    named = list(psnr["Gaussian 0.7"])[2:]
    assert named == ["student profile=deblur", "student profile=deblur, told", "bicubic"]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["--plugin", "no/such.py"], "no plugin file no/such.py"),
        (["-e", "nobody"], "nobody"),
        (["--metrics", "--side", "120"], "a.png: is too small to be scored: metric ms-ssim"),
    ],
)
def test_what_cannot_work_is_reported_in_one_line(tables, capsys, arguments, wrong):
    with pytest.raises(SystemExit) as ended:
        tables(*arguments)
    assert ended.value.code == 2
    assert wrong in capsys.readouterr().err.splitlines()[-1]


def test_sharpness_recovered_is_the_share_of_what_was_lost(photo):
    figures = benchmark("figures")
    soft, softer = (np.rint(ndimage.gaussian_filter(photo.astype(float), (s, s, 0))).astype(np.uint8) for s in (0.7, 1))
    crisper = np.rint(photo + 0.5 * (photo - soft.astype(float))).clip(0, 255).astype(np.uint8)

    def recovered(degraded, result):
        each = [{figures.SHARPNESS: figures.sharpness(pixels)} for pixels in (photo, degraded, result)]
        return figures.recovered(figures.Row("", *each[:2], {}), each[2])

    assert recovered(softer, softer) == 0
    assert recovered(softer, photo) == 1
    assert 0.1 < recovered(softer, soft) < 0.9
    assert recovered(softer, crisper) > 1
    assert recovered(soft, softer) < 0
    # Nothing was lost, so that nothing can come back.
    assert recovered(photo, crisper) is None
    assert recovered(crisper, photo) is None
