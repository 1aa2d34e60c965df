"""`sharpcli.enhance`, `load` and `score`: what the command line does, from Python."""

import doctest
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image as PILImage

import sharpcli as sharp
from sharpcli import api
from sharpcli.errors import SharpError
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file


def test_the_examples_in_the_docstrings_are_true(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(api)
    assert result.attempted >= 10
    assert not result.failed
    assert (tmp_path / "same.png").is_file()


def test_a_file_gives_the_pixels_that_the_command_writes(sharpcli, folder, tmp_path):
    assert sharpcli("enhance", folder / "a.png", "-o", tmp_path / "out", "-O", "profile=x2").exit_code == 0
    with PILImage.open(tmp_path / "out" / "a.png") as image:
        np.testing.assert_array_equal(sharp.enhance(folder / "a.png", profile="x2"), np.asarray(image))


def test_a_file_and_its_pixels_give_the_same(folder, photo):
    np.testing.assert_array_equal(sharp.enhance(str(folder / "a.png")), sharp.enhance(photo[:96, :128]))


def test_out_is_written_with_the_metadata_of_the_file(tmp_path, photo):
    PILImage.fromarray(photo[:64, :64]).save(tmp_path / "in.jpg", dpi=(301, 301))
    pixels = sharp.enhance(tmp_path / "in.jpg", out=tmp_path / "out.png", upscale=2)
    with PILImage.open(tmp_path / "out.png") as image:
        assert round(image.info["dpi"][0]) == 301
        np.testing.assert_array_equal(np.asarray(image), pixels)
    assert pixels.shape == (128, 128, 3)


PIXELS = st.one_of(
    arrays.arrays(dtype, st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)))
    for dtype in (np.uint8, np.uint16)
)


@given(PIXELS)
def test_the_baseline_gives_arrays_of_whole_numbers_back_as_they_were(pixels):
    before = pixels.copy()
    result = sharp.enhance(pixels, "bicubic")
    assert result.dtype == pixels.dtype
    np.testing.assert_array_equal(result, before)
    np.testing.assert_array_equal(pixels, before)


@given(arrays.arrays(np.float32, (5, 7), elements=st.floats(0, 1, width=32)))
def test_floats_stay_floats_and_lose_no_more_than_16_bits_do(pixels):
    result = sharp.enhance(pixels, "bicubic")
    assert (result.dtype, result.shape) == (pixels.dtype, pixels.shape)
    assert np.abs(result - pixels).max() <= 0.51 / 65535


def test_floats_and_bytes_are_sharpened_alike(photo):
    levels = photo[:80, :96]
    as_floats = sharp.enhance(levels / 255, precision="fp32")
    assert np.abs(as_floats * 255 - sharp.enhance(levels, precision="fp32")).max() <= 0.51


def test_alpha_passes_by(photo):
    alpha = np.arange(64 * 64, dtype=np.uint8).reshape(64, 64, 1)
    result = sharp.enhance(np.concatenate([photo[:64, :64], alpha], axis=2))
    np.testing.assert_array_equal(result[..., 3:], alpha)


def test_a_loaded_enhancer_serves_several_threads(photo):
    student = sharp.load("student-live", threads=4, profile="x2")
    parts = [photo[top : top + 64 + top % 7, :96] for top in range(0, 200, 9)]
    expected = [sharp.enhance(part, "student-live", profile="x2") for part in parts]
    with ThreadPoolExecutor(4) as pool:
        for result, right in zip(pool.map(student, parts), expected, strict=True):
            np.testing.assert_array_equal(result, right)


def test_strength_and_upscale_are_those_of_the_command(photo):
    part = photo[:40, :40]
    np.testing.assert_array_equal(sharp.enhance(part, strength=0), part)
    assert sharp.load(upscale=2).enhancer.profile == "x2"


def test_scores_are_those_of_the_command(folder, tmp_path, sharpcli, photo):
    assert sharpcli("degrade", folder / "a.png", "-o", tmp_path / "soft.png").exit_code == 0
    sharp.enhance(tmp_path / "soft.png", out=tmp_path / "result.png", profile="x2")
    arguments = (tmp_path / "result.png", folder / "a.png", "--input", tmp_path / "soft.png", "--convention", "y")
    sharpcli("score", *arguments, "--report", tmp_path / "report.json")
    import json

    (row,) = json.loads((tmp_path / "report.json").read_text())["images"]
    figures = sharp.score(arguments[0], photo[:96, :128], input=tmp_path / "soft.png", convention="y")
    assert figures == {name: value for name, value in row.items() if name != "image"}
    assert figures["gain_psnr"] > 0
    assert sharp.score(arguments[0], photo[:96, :128], convention="papers")["psnr"] == figures["psnr"]


NONE = np.zeros((8, 8, 3))
BAD = {
    "channels": (np.zeros((3, 3, 5), np.uint8), "C from 1 to 4"),
    "dimensions": (np.zeros(9, np.uint8), "H x W"),
    "empty": (np.zeros((0, 3), np.uint8), "H x W"),
    "0 to 255 floats": (NONE + 255, r"values in \[0, 1\], not from 255 to 255"),
    "negative": (NONE - 0.1, r"values in \[0, 1\], not from -0\.1 to -0\.1"),
    "NaN": (NONE * float("nan"), r"values in \[0, 1\], not from nan to nan"),
    "integers": (np.zeros((8, 8), int), "not int64"),
    "booleans": (np.zeros((8, 8), bool), "not bool"),
    "an image": (PILImage.new("RGB", (8, 8)), "a path or a NumPy array, not Image"),
    "nothing": (None, "not NoneType"),
    "no file": ("nowhere.png", "nowhere.png: no such file"),
}


@pytest.mark.parametrize(("image", "message"), BAD.values(), ids=BAD)
def test_what_is_no_image_is_refused_in_words(image, message):
    for use in (sharp.enhance, lambda given: sharp.score(given, NONE)):
        with pytest.raises(SharpError, match=message):
            use(image)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"enhancer": "nobody"}, "unknown enhancer 'nobody'; available: bicubic"),
        ({"profil": "x2"}, "no option 'profil'; it has profile"),
        ({"profile": "x3"}, "profile must be deblur or photo or call or x2 or auto"),
        ({"upscale": 0}, "at least 1"),
        ({"upscale": 9}, "at most 8"),
        ({"strength": 3}, "between 0 and 2"),
        ({"out": "x.psd"}, r"unsupported output format \.psd"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_in_words(arguments, message):
    with pytest.raises(SharpError, match=message):
        sharp.enhance(np.zeros((8, 8), np.uint8), **arguments)


def test_other_metrics_are_asked_for_by_name(photo):
    figures = sharp.score(photo[:200, :200] // 3 * 3, photo[:200, :200], metrics=["ms-ssim", "psnr"])
    assert list(figures) == ["ms-ssim", "psnr"]
    with pytest.raises(SharpError, match="unknown metric 'lpips'; available: ms-ssim, psnr, ssim"):
        sharp.score(photo, photo, metrics=["lpips"])


def test_an_unknown_convention_or_name_is_refused():
    with pytest.raises(SharpError, match="available: rgb, y, papers"):
        sharp.score(NONE, NONE, convention="lab")
    with pytest.raises(AttributeError):
        _ = sharp.nothing
    assert {"enhance", "load", "score"} <= set(dir(sharp))


KEEPS = """
import numpy as np
from sharpcli.plugin import Enhancer, hookimpl

class Keeps(Enhancer):
    name = "keeps"
    summary = "gives its own array away"
    color = dtype = "any"
    receptive_radius = 0
    def enhance(self, pixels):
        result = kept.setdefault((pixels.shape, pixels.dtype), pixels.copy())
        result.flags.writeable = False
        return result

kept = {}

@hookimpl
def enhancers():
    return [Keeps]
"""


@pytest.fixture
def keeps(tmp_path):
    """An enhancer that keeps what it returns, and lets nobody write to it."""
    (tmp_path / "keeps.py").write_text(KEEPS)
    load_registry().add(of_file(tmp_path / "keeps.py"))
    yield
    load_registry.cache_clear()


@pytest.mark.parametrize("strength", [0, 0.5, 1, 2])
@pytest.mark.parametrize("shape", [(8, 9), (8, 9, 1), (8, 9, 2), (8, 9, 3), (8, 9, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "float64"])
def test_a_result_is_new_and_the_callers_to_change(keeps, dtype, shape, strength):
    given = np.ones(shape, dtype)
    given.flags.writeable = False
    sharpener = sharp.load("keeps", strength=strength)
    first = sharpener(given)
    expected = first.copy()
    first[...] = 0
    assert first.flags.owndata
    assert given.all()
    np.testing.assert_array_equal(sharpener(given), expected)


def test_a_files_pixels_are_the_callers_too(folder):
    first = sharp.enhance(folder / "a.png", "bicubic", strength=0)
    assert first.flags.writeable
    assert first.flags.owndata


NAMES = ["cat.png", "./cat.png", "link.png", "hard.png", "../{folder}/cat.png", "{path}/cat.png"]


@pytest.mark.parametrize("name", NAMES)
def test_out_is_never_the_input(tmp_path, monkeypatch, photo, name):
    monkeypatch.chdir(tmp_path)
    PILImage.fromarray(photo[:20, :30]).save("cat.png")
    before = (tmp_path / "cat.png").read_bytes()
    (tmp_path / "link.png").symlink_to("cat.png")
    (tmp_path / "hard.png").hardlink_to("cat.png")
    out = name.format(folder=tmp_path.name, path=tmp_path)
    for image in ("cat.png", "link.png", "hard.png"):
        with pytest.raises(SharpError, match="is an input and would be overwritten"):
            sharp.enhance(image, "bicubic", out=out)
    assert (tmp_path / "cat.png").read_bytes() == before


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", None, True, float("nan")])
def test_threads_is_a_whole_number_of_at_least_one(threads):
    with pytest.raises(SharpError, match="threads must be a whole number of at least 1"):
        sharp.load("bicubic", threads=threads)


@pytest.mark.parametrize("name", ["upscale", "strength"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), -1, "1", None])
def test_what_is_no_number_in_the_range_is_refused_by_name(name, value):
    with pytest.raises(SharpError, match=f"{name} must be"):
        sharp.load("bicubic", **{name: value})
    with pytest.raises(SharpError, match=f"{name} must be"):
        sharp.Sharpener(create_enhancer("bicubic", {}), **{name: value})


@pytest.mark.parametrize("harm", ["missing", "a folder", "truncated", "no card"])
def test_weights_that_are_not_as_they_were_installed_are_named(sharpcli, folder, tmp_path, monkeypatch, harm):
    student = load_registry().get("student-live")
    weights = tmp_path / "weights"
    shutil.copytree(student.folder, weights)
    monkeypatch.setattr(student, "folder", weights)
    for file in weights.glob("*.onnx" if harm != "no card" else "*.json"):
        content = file.read_bytes()
        file.unlink()
        if harm == "a folder":
            file.mkdir()
        elif harm == "truncated":
            file.write_bytes(content[:100])
    with pytest.raises(SharpError, match="student-live-x2"):
        sharp.enhance(folder / "a.png", "student-live", profile="x2")
    done = sharpcli("enhance", folder / "a.png", "-o", tmp_path / "out", "-e", "student-live", "-O", "profile=x2")
    assert done.exit_code in (1, 2)
    assert "student-live-x2" in done.stderr
    assert "internal error" not in done.stderr
