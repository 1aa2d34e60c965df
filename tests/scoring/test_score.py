import csv
import io
import json
import math
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage
from skimage import data
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sharpcli.errors import SharpError
from sharpcli.files.names import tag
from sharpcli.image.resample import degrade
from sharpcli.scoring.bands import PIXELS_PER_BAND
from sharpcli.scoring.folder import score_all
from sharpcli.scoring.pairs import pair_folders
from sharpcli.scoring.score import Score, measured, score_pixels
from sharpcli.scoring.tables import as_csv, as_json


def of_scikit_image(result, reference, convention):
    """Scikit-image's own figures of the values that a convention compares."""
    pair = measured(reference, convention), measured(result, convention)
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return {
        "psnr": peak_signal_noise_ratio(*pair, data_range=255),
        "ssim": structural_similarity(*pair, channel_axis=2, data_range=255, **window),
    }


@pytest.mark.parametrize("convention", ["rgb", "y"])
@pytest.mark.parametrize("name", ["astronaut", "camera", "chelsea", "coffee", "grass", "hubble_deep_field", "rocket"])
def test_figures_are_scikit_images_own(name, convention):
    original = getattr(data, name)()
    original = original if original.ndim == 3 else np.stack([original] * 3, axis=2)
    blurred = degrade(original, 3, jpeg=60)
    assert score_pixels(blurred, original, convention) == pytest.approx(
        of_scikit_image(blurred, original, convention), rel=1e-9
    )


@pytest.mark.slow
@given(
    height=st.integers(15, 299),
    width=st.integers(15, 449),
    band=st.integers(1, PIXELS_PER_BAND),
    kind=st.sampled_from(["rgb", "y"]),
)
def test_neither_size_nor_where_bands_end_changes_a_figure(photo, height, width, band, kind):
    original = photo[-height:, -width:]
    noisy = (original.astype(int) + np.random.default_rng(0).integers(-20, 21, original.shape)).clip(0, 255)
    noisy = noisy.astype(np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sharpcli.scoring.bands.PIXELS_PER_BAND", band)
        assert score_pixels(noisy, original, kind) == pytest.approx(of_scikit_image(noisy, original, kind), rel=1e-9)


@pytest.mark.parametrize("level", [0, 1, 254, 255])
def test_flat_images_score_as_in_scikit_image(level):
    flat = np.full((40, 41, 3), level, np.uint8)
    other = np.full_like(flat, 128)
    assert score_pixels(other, flat, "rgb") == pytest.approx(of_scikit_image(other, flat, "rgb"), rel=1e-9)


def shown_on_grey(image):
    shown = PILImage.new("RGBA", image.size, (128, 128, 128))
    shown.alpha_composite(image.convert("RGB").convert("RGBA") if image.mode == "CMYK" else image.convert("RGBA"))
    return np.asarray(shown.convert("RGB"))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "CMYK"])
def test_files_of_every_mode_are_scored_as_pillow_shows_them_on_grey(tmp_path, photo, mode):
    image = PILImage.fromarray(photo).convert(mode)
    paths = tmp_path / "result.tif", tmp_path / "reference.tif"
    image.rotate(1).save(paths[0])
    image.save(paths[1])
    (score,) = score_all([("a", *paths, None)], "rgb", 1)
    pixels = [shown_on_grey(PILImage.open(path)) for path in paths]
    assert score.result == pytest.approx(of_scikit_image(*pixels, "rgb"), rel=1e-9)


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_only_what_is_seen_of_a_transparent_image_is_compared(tmp_path, photo, mode):
    alpha = np.zeros(photo.shape[:2], np.uint8)
    alpha[:, 100:200], alpha[:, 200:] = 128, 255
    pixels = np.dstack([np.asarray(PILImage.fromarray(photo).convert(mode))[..., :-1], alpha])
    hidden, seen = pixels.copy(), pixels.copy()
    hidden[:, :100, :-1] ^= 255
    seen[:, 100:200, :-1] ^= 255
    on_grey = PILImage.fromarray(shown_on_grey(PILImage.fromarray(pixels, mode)))
    paths = [tmp_path / f"{name}.png" for name in ("reference", "hidden", "seen", "flat")]
    shown = [PILImage.fromarray(p, mode) for p in (pixels, hidden, seen)]
    for path, image in zip(paths, [*shown, on_grey], strict=True):
        image.save(path)
    (score,) = score_all([("a", paths[1], paths[0], paths[2])], "rgb", 1)
    assert score.result == {"psnr": math.inf, "ssim": pytest.approx(1)}
    assert score.input["psnr"] < 30
    (score,) = score_all([("a", paths[3], paths[0], None)], "rgb", 1)
    assert score.result["psnr"] > 50  # a level of rounding at most


def test_pairs_come_in_their_order_however_many_are_in_work(tmp_path, photo):
    # The first takes far longer than those after it.
    sides = [299, *[20] * 9]
    for number, side in enumerate(sides):
        PILImage.fromarray(photo[:side, :side]).save(tmp_path / f"{number}.png")
    pairs = [(str(number), *[tmp_path / f"{number}.png"] * 2, None) for number in range(len(sides))]
    pairs[3] = ("3", tmp_path / "3.png", tmp_path / "missing.png", None)
    outcomes = list(score_all(pairs, "rgb", 3))
    assert [getattr(outcome, "name", None) for outcome in outcomes] == [
        None if number == 3 else str(number) for number in range(len(sides))
    ]
    assert "missing.png: no such file" in str(outcomes[3])


def test_only_a_few_pairs_wait_and_none_is_begun_after_closing(tmp_path, photo):
    PILImage.fromarray(photo[:20, :20]).save(tmp_path / "a.png")
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield "a", tmp_path / "a.png", tmp_path / "a.png", None

    outcomes = score_all(endless(), "rgb", 2)
    for _ in range(5):
        next(outcomes)
    assert len(taken) < 10
    outcomes.close()
    assert len(taken) < 10


def test_closing_does_not_wait_for_the_pairs_in_work(monkeypatch):
    begun, over, ended = threading.Semaphore(0), threading.Event(), []

    def slow(name, *rest):
        if name == "slow":
            begun.release()
            over.wait(20)
            ended.append(name)
        return Score(name, {"psnr": 30.0, "ssim": 0.9})

    monkeypatch.setattr("sharpcli.scoring.folder.score_files", slow)
    pairs = [(name, Path("a"), Path("b"), None) for name in ["quick", "slow", "slow", *["quick"] * 9]]
    outcomes = score_all(pairs, "rgb", 2)
    assert next(outcomes).name == "quick"
    begun.acquire()
    outcomes.close()
    assert not ended
    over.set()


def test_y_compares_studio_luma_without_its_border(photo):
    blurred = degrade(photo, 2)
    red, green, blue = (photo[..., i].astype(float) for i in range(3))
    expected = 16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255
    np.testing.assert_allclose(measured(photo, "y")[..., 0], expected[2:-2, 2:-2])
    changed_border = blurred.copy()
    changed_border[:2], changed_border[:, -2:] = 0, 255
    assert score_pixels(changed_border, photo, "y") == score_pixels(blurred, photo, "y")
    assert score_pixels(changed_border, photo, "rgb") != score_pixels(blurred, photo, "rgb")


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_an_identical_image_is_perfect(photo, convention):
    assert score_pixels(photo, photo, convention) == {"psnr": math.inf, "ssim": pytest.approx(1)}


def test_different_sizes_are_refused_naming_both(photo):
    with pytest.raises(SharpError, match=r"449x298 but 449x299"):
        score_pixels(photo[:-1], photo, "rgb")


@pytest.mark.parametrize(("side", "convention", "fits"), [(10, "rgb", False), (11, "rgb", True), (14, "y", False)])
def test_an_image_smaller_than_the_window_of_ssim_is_refused(photo, side, convention, fits):
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
    rows = list(csv.DictReader(io.StringIO(as_csv(scores, "y"))))
    assert [row["image"] for row in rows] == ["a", "b", "mean"]
    assert float(rows[0]["gain_psnr"]) == 2.0
    assert float(rows[1]["gain_psnr"]) == 0.0
    assert {row["convention"] for row in rows} == {"y"}
    report = json.loads(as_json(scores, "y"))
    assert report["convention"] == "y"
    assert report["images"][1]["psnr"] is None
    assert report["mean"]["ssim"] == pytest.approx(0.95)


def test_files_pair_by_path_whatever_their_ending(tmp_path):
    # What a system leaves in a folder is nobody's result.
    others = "out/.hidden/a.png", "out/.d.png", "out/sub/@eaDir/b.png", "ref/__MACOSX/a.png", "out/Thumbs.db"
    for name in ("out/a.png", "out/sub/b.jpg", "ref/a.jpg", "ref/sub/b.png", "ref/c.png", "ref/notes.txt", *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    pairs, alone = pair_folders(tmp_path / "out", tmp_path / "ref", None)
    assert [(name, result.name, reference.name) for name, result, reference, _ in pairs] == [
        ("a", "a.png", "a.jpg"),
        ("sub/b", "b.jpg", "b.png"),
    ]
    assert alone == ["c"]


def files(root, names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def paired(root):
    pairs, alone = pair_folders(root / "out", root / "ref", None)
    return {result.name: reference.name for _, result, reference, _ in pairs}, [name for name, *_ in pairs], alone


@pytest.mark.parametrize(
    ("references", "results"),
    [
        (["a.jpg", "a.png"], {"a.jpg.webp": "a.jpg", "a.png.webp": "a.png"}),
        (["a.jpg", "a.png"], {"a.jpg": "a.jpg", "a.png": "a.png"}),
        (["a.jpg"], {"a-sharp.jpg": "a.jpg"}),
        (["a.jpg", "a.png"], {"a.jpg-sharp.webp": "a.jpg", "a.png-degraded.webp": "a.png"}),
        (["a.tif"], {"a.jpg.webp": "a.tif"}),
        (["a-sharp.jpg", "a.jpg"], {"a-sharp.png": "a-sharp.jpg", "a.png": "a.jpg"}),
        (["a.jpg"], {f"a.jpg-{tag('a.jpg')}.webp": "a.jpg"}),
        (["a.jpg"], {f"a-{tag('a.jpg')}-sharp.jpg": "a.jpg"}),
        (["photo", "scan.2024"], {"photo.webp": "photo", "scan.2024.webp": "scan.2024"}),
        (["a.jpg", "a.cr3", "a.mov"], {"a.png": "a.jpg"}),
    ],
)
def test_results_pair_under_every_name_that_a_batch_gives_them(tmp_path, references, results):
    files(tmp_path, [*(f"ref/{name}" for name in references), *(f"out/{name}" for name in results)])
    for path in (*(tmp_path / "ref").iterdir(), *(tmp_path / "out").iterdir()):
        path.write_bytes(b"\0\0\0\x18ftypcrx " if path.suffix in (".cr3", ".mov") else b"\xff\xd8\xff\xe0")
    found, names, alone = paired(tmp_path)
    assert (found, alone) == (results, [])
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("format", [[], ["--format", "webp"]])
@pytest.mark.parametrize("where", ["folder", "beside"])
def test_what_enhance_wrote_is_paired_with_what_it_read(tmp_path, photo, sharpcli, format, where):
    originals = tmp_path / "in"
    originals.mkdir()
    for index, name in enumerate(["a.jpg", "a.png", "b.jfif", "c", "c.jpg", "a.jpg.png", "d.2024"]):
        PILImage.fromarray(photo[: 32 + index, :32]).save(originals / name, "JPEG")
    into = ["-o", tmp_path / "out"]
    given = [originals]
    if where == "beside":
        into, given = [], sorted(originals.iterdir())
    assert sharpcli("enhance", *given, *into, "-e", "bicubic", *format).exit_code == 0
    if where == "beside":
        (tmp_path / "out").mkdir()
        for path in [path for path in originals.iterdir() if path not in given]:
            path.rename(tmp_path / "out" / path.name)
    pairs, alone = pair_folders(tmp_path / "out", originals, originals)
    assert (len(pairs), alone) == (7, [])
    for _, result, reference, baseline in pairs:
        assert PILImage.open(result).size == PILImage.open(reference).size
        assert baseline == reference


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["out/a-1234abcd.png", "ref/a.png"], "has no counterpart in"),
        (["out/a.png", "out/a-sharp.png", "ref/a.png"], "both belong to"),
        (["out/a.png", "ref/a.jpg", "ref/a.tif"], "differ only in their extension"),
        (["out/a.png", "ref/a.jpg", "ref/a.png"], "differ only in their extension"),
        (["out/a.png", "ref/b.png"], "has no counterpart in"),
        (["out/a.png", "out/a.jpg", "ref/a.png"], "differ only in their extension"),
        (["ref/a.png"], "no such file or folder"),
        (["out/readme.txt", "ref/a.png"], "no images"),
    ],
)
def test_doubtful_pairs_are_refused(tmp_path, names, message):
    files(tmp_path, names)
    with pytest.raises(SharpError, match=message):
        pair_folders(tmp_path / "out", tmp_path / "ref", None)
