import shutil

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo

from sharpcli.image.degradation.blur import Blur
from sharpcli.image.degradation.chain import Chain
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image

CHAINS = {
    "": Chain(scale=2),
    "--scale 3 --small-jpeg 75": Chain(scale=3, small_jpeg=75),
    "--down box --up lanczos": Chain(scale=2, down="box", up="lanczos"),
    "--blur gaussian:1.2": Chain(Blur("gaussian", 1.2)),
    "--blur defocus:2 --linear": Chain(Blur("defocus", 2), linear=True),
    "--blur motion:7,30 --scale 2": Chain(Blur("motion", 7, 30), scale=2),
    "--noise 5 --seed 3": Chain(noise=5, seed=3),
    "--jpeg 75": Chain(jpeg=75),
    "--webp 80 --scale 1.5": Chain(scale=1.5, webp=80),
    "--noise 0": Chain(),
}


@pytest.mark.parametrize("arguments", CHAINS)
def test_images_go_through_what_was_asked_for_and_nothing_else(sharpcli, tmp_path, photo, arguments):
    PILImage.fromarray(photo).save(tmp_path / "p.png")
    assert sharpcli("degrade", tmp_path / "p.png", "-o", tmp_path / "out", *arguments.split()).exit_code == 0
    np.testing.assert_array_equal(read_image(tmp_path / "out" / "p.png").pixels, CHAINS[arguments](photo))


def test_results_are_lossless_unless_told_otherwise(sharpcli, folder, tmp_path):
    sharpcli("degrade", folder, "-o", tmp_path / "out")
    assert {path.suffix for path in (tmp_path / "out").rglob("[!.]*.*")} == {".png"}


def test_a_file_gets_the_same_noise_whatever_is_done_beside_it(sharpcli, folder, tmp_path):
    noise = ("--noise", 5, "--blur", "gaussian:1", "--seed", 2)
    shutil.copy(folder / "a.png", folder / "sub" / "again.png")
    assert sharpcli("degrade", folder, "-o", tmp_path / "all", "--workers", 3, *noise).exit_code == 0
    assert sharpcli("degrade", folder / "a.png", "-o", tmp_path / "one", "--workers", 1, *noise).exit_code == 0
    expected = (tmp_path / "one" / "a.png").read_bytes()
    assert (tmp_path / "all" / "a.png").read_bytes() == expected
    assert (tmp_path / "all" / "sub" / "again.png").read_bytes() == expected
    assert sharpcli("degrade", folder, "-o", tmp_path / "other", *noise, "--seed", 3).exit_code == 0
    assert (tmp_path / "other" / "a.png").read_bytes() != expected


def test_sixteen_bits_alpha_and_tags_are_kept(sharpcli, tmp_path, photo):
    alpha = np.arange(photo.shape[1], dtype=np.uint16)[None, :, None].repeat(photo.shape[0], 0) * 140
    deep = np.concatenate([photo.astype(np.uint16) * 257 + 100, alpha], axis=2)
    write_image(Image(deep, "RGBA", {"dpi": (300.0, 300.0)}), tmp_path / "deep.png")
    arguments = ("--blur", "defocus:2", "--noise", 2)
    assert sharpcli("degrade", tmp_path / "deep.png", "-o", tmp_path / "out", *arguments).exit_code == 0
    after = read_image(tmp_path / "out" / "deep.png")
    assert after.pixels.dtype == np.uint16
    np.testing.assert_array_equal(after.pixels[..., 3:], alpha)
    assert len(np.unique(after.pixels[..., 0] % 257)) == 257
    assert after.metadata["dpi"] == pytest.approx((300, 300), abs=0.1)

    words = PngInfo()
    words.add_text("Author", "somebody")
    PILImage.fromarray(photo[..., 0]).save(tmp_path / "grey.png", pnginfo=words)
    assert sharpcli("degrade", tmp_path / "grey.png", "-o", tmp_path / "out", *arguments).exit_code == 0
    with PILImage.open(tmp_path / "out" / "grey.png") as grey:
        assert (grey.mode, grey.text["Author"]) == ("L", "somebody")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--blur", "gaus:1"), "--blur wants gaussian:SIGMA, defocus:RADIUS or motion:LENGTH,ANGLE, not 'gaus:1'"),
        (("--blur", "defocus:13"), "--blur defocus wants a RADIUS of 0.1 to 12 pixels, not 13"),
        (("--jpeg", "50", "--webp", "50"), "--jpeg and --webp cannot be combined"),
        (("--jpeg", "50", "--small-jpeg", "50"), "add --scale 2"),
        (("--linear",), "add --blur gaussian:1.2"),
        (("--noise", "nan"), "is not a finite number"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_done(sharpcli, folder, tmp_path, arguments, message):
    done = sharpcli("degrade", folder, "-o", tmp_path / "out", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert not (tmp_path / "out").exists()


def test_what_a_compression_cannot_hold_fails_alone(sharpcli, folder, tmp_path):
    write_image(Image(np.zeros((9, 9, 1), np.uint16), "L"), folder / "deep.png")
    done = sharpcli("degrade", folder, "-o", tmp_path / "out", "--webp", 70)
    assert done.exit_code == 1
    assert (
        "deep.png: has 16 bits per channel, which WebP does not support; convert it first, or do without WebP"
        in done.stderr
    )
    assert (tmp_path / "out" / "a.png").exists()


def test_an_output_folder_remembers_its_degradation(sharpcli, folder, tmp_path):
    assert sharpcli("degrade", folder, "-o", tmp_path / "out", "--blur", "defocus:2").exit_code == 0
    assert "3 skipped" in sharpcli("degrade", folder, "-o", tmp_path / "out", "--blur", "defocus:2.0").stdout
    done = sharpcli("degrade", folder, "-o", tmp_path / "out", "--blur", "defocus:3")
    assert done.exit_code == 2
    assert "was made with different settings (blur kind=defocus size=2.0" in done.stderr
