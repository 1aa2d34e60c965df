"""Profile deblur: what an image went through is found, said and undone."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage
from scipy import ndimage
from skimage import data

import sharpcli
from sharpcli.cli.main import main
from sharpcli.errors import SharpError
from sharpcli.image.image import Image
from sharpcli.inference.degradation import KINDS, LENGTH, Degradation
from sharpcli.inference.estimator import CANDIDATES, FLAT_PATCHES, PATCHES, SIDE, estimate, patches_of, power_spectra
from sharpcli.pipeline.guard import for_image
from sharpcli.pipeline.run import sharpen
from sharpcli.plugin.registry import load_registry


def levels(values):
    return np.rint(values).clip(0, 255).astype(np.uint8)


def gaussian(pixels, sigma):
    return levels(ndimage.gaussian_filter(pixels.astype(float), (sigma, sigma, 0)))


def disc(pixels, radius):
    grid = np.arange(-np.ceil(radius), np.ceil(radius) + 1)
    fine = (grid[:, None] + (np.arange(8) - 3.5) / 8).ravel()
    kernel = (fine[:, None] ** 2 + fine**2 <= radius**2).reshape(len(grid), 8, len(grid), 8).mean((1, 3))
    return levels(ndimage.convolve(pixels.astype(float), kernel[..., None] / kernel.sum()))


def gain(result, degraded, reference):
    """Of luma, in dB: the networks leave chroma alone."""
    error = [(((image.astype(float) - reference) @ [0.299, 0.587, 0.114]) ** 2).mean() for image in (degraded, result)]
    return 10 * np.log10(error[0] / error[1])


@pytest.fixture(scope="module")
def photo():
    return data.astronaut()


@pytest.fixture(scope="module")
def student():
    return load_registry().get("student").create({"profile": "deblur", "precision": "fp32"})


def test_blur_is_found_named_and_undone(photo, student):
    for degraded, kind, size, least in (
        (gaussian(photo, 1.2), "gaussian", 1.2, 4),
        (disc(photo, 2.5), "defocus", 2.5, 4),
    ):
        found = student.degradation(degraded)
        assert found.kind == kind
        assert found.size == pytest.approx(size, rel=0.2)
        assert f"of about {found.size:.1f} px" in found.describe()
        assert gain(student.enhance(degraded), degraded, photo) > least


def test_noise_is_found_and_removed(photo, student):
    noisy = levels(photo + np.random.default_rng(0).normal(0, 8, photo.shape))
    found = student.degradation(noisy)
    assert found.noise == pytest.approx(8 * 0.6685, rel=0.35)  # of luma, where three channels' noise partly cancels
    assert gain(student.enhance(noisy), noisy, photo) > 1


def test_a_sharp_image_is_returned_as_it_is(photo, student):
    assert student.degradation(photo).describe() == "nothing"
    assert np.array_equal(student.enhance(photo), photo)


def test_what_the_user_says_replaces_what_is_found(photo, student):
    degraded = gaussian(photo, 1.2)
    told = dataclasses.replace(student, kind="defocus", blur=2.0, noise=3.0).degradation(degraded)
    assert (told.kind, told.size) == ("defocus", 2.0)
    assert told.noise == pytest.approx(3 * 0.6685)
    assert dataclasses.replace(student, kind="none", noise=0.0).degradation(degraded).kind == "none"
    assert dataclasses.replace(student, blur=0.9).degradation(photo).size == 0.9, "a size alone is a Gaussian's"


def test_options_of_the_blur_need_a_profile_that_takes_them(photo):
    with pytest.raises(SharpError, match=r"option blur has no effect with profile photo; add -O profile=deblur"):
        sharpcli.load("student", profile="photo", blur=1.2)(photo)
    with pytest.raises(SharpError, match="option kind must be auto or none or"):
        sharpcli.load("student", profile="deblur", kind="box")


def test_all_tiles_are_told_the_same(photo, student):
    degraded = Image(gaussian(photo[:256, :320], 1.0), "RGB")
    whole, tiled = (sharpen(degraded, student, tile=tile).pixels for tile in (None, 96))
    assert np.abs(whole.astype(int) - tiled).max() <= 1
    assert for_image(student, degraded.pixels).vector == student.degradation(degraded.pixels).vector()


def test_no_frame_is_drawn_at_the_edges(student):
    """The sky of an image out of focus stays as even at its edges as in its middle."""
    even = np.full((96, 128, 3), 200, np.uint8)
    told = dataclasses.replace(student, kind="defocus", blur=2.0, noise=0.0)
    vector = told.degradation(even).vector()
    result = dataclasses.replace(told, vector=vector).enhance(even)
    assert np.abs(result.astype(int) - 200).max() <= 1


@pytest.mark.parametrize("name", ["student-live", "student-large"])
@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_every_size_of_student_undoes_blur(photo, name, precision):
    degraded = gaussian(photo[:256, :256], 1.0)
    result = sharpcli.load(name, profile="deblur", precision=precision)(degraded)
    assert gain(result, degraded, photo[:256, :256]) > 2.5


@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 300, 3), (95, 97, 1), (200, 100, 3)])
def test_any_size_and_depth_can_be_looked_at(shape):
    pixels = np.random.default_rng(1).integers(0, 65536, shape).astype(np.uint16)
    patches, *_ = patches_of(pixels)
    assert patches.shape[1:] == (1, SIDE, SIDE)
    assert 0 <= patches.min() <= patches.max() <= 1
    assert power_spectra(patches).shape == (len(patches), 1, SIDE // 2, SIDE // 4)
    assert len(estimate(pixels).vector()) == LENGTH


def test_a_large_image_costs_no_more_to_look_at():
    tall = np.broadcast_to(np.uint8(90), (100_000, 2000, 3))
    patches, textured, flat = patches_of(tall)
    assert (len(textured), len(flat)) == (PATCHES, FLAT_PATCHES)
    assert len(patches) == PATCHES + FLAT_PATCHES <= CANDIDATES


def test_texture_is_not_noise_where_smooth_parts_have_none():
    grass = np.repeat(data.grass()[..., None], 3, axis=2)
    grey = levels(128 + 20 * np.sin(np.arange(512) / 40)[:, None, None] + np.zeros((512, 512, 3)))
    noisy = levels(np.hstack([grass, grey]) + np.random.default_rng(0).normal(0, 8, (512, 1024, 3)))
    assert estimate(np.hstack([grass, grey])).noise < 0.75
    assert estimate(noisy).noise == pytest.approx(8 * 0.6685, rel=0.35)


@given(st.sampled_from(KINDS), st.floats(0.1, 12), st.floats(0, 30))
def test_nothing_is_told_where_nothing_happened(kind, size, noise):
    assert not any(Degradation().vector())
    assert not any(Degradation(sigma=size, radius=size, length=size, quality=50, log_scale=1).vector())
    told = dataclasses.replace(Degradation(direction=(1.0, 0.0)).with_blur(kind, size), noise=noise)
    assert len(told.vector()) == LENGTH
    faint = kind == "gaussian" and size < 0.5
    assert told.decided().kind == ("none" if faint else kind)
    assert (told.decided().noise > 0) == (noise >= (2.5 if faint else 0.75)), "grain alone is left alone"


@pytest.mark.parametrize(("quality", "soft", "kept"), [(95, False, False), (95, True, True), (85, False, True)])
def test_faint_traces_of_jpeg_are_left_alone_where_nothing_else_happened(quality, soft, kept):
    found = Degradation(jpeg=1.0, quality=quality)
    found = found.with_blur("gaussian", 1.5) if soft else found
    assert (found.decided().jpeg > 0) == kept


def test_a_small_blur_must_be_surer_than_a_large_one():
    doubtful = [Degradation(blur=(0.6, 0.0, 0.0), sigma=sigma).decided().kind for sigma in (0.7, 1.5)]
    assert doubtful == ["none", "gaussian"]


def test_doubt_about_linear_light_is_settled_by_the_kind():
    """A defocus comes from a lens, which mixes light; a Gaussian is mostly an editor's, which mixes levels."""
    said = Degradation(sigma=1.0, radius=2.0, linear=0.6)
    defocus, gaussian = (said.with_blur(kind).decided() for kind in ("defocus", "gaussian"))
    assert defocus.linear > 0.8
    assert gaussian.linear == 0
    sure = dataclasses.replace(said.with_blur("gaussian"), linear=0.97).decided()
    assert sure.linear == 1


def test_a_batch_says_what_it_found_and_undid(tmp_path, photo):
    for name, pixels in (("soft", gaussian(photo, 1.5)), ("sharp", photo)):
        PILImage.fromarray(pixels).save(tmp_path / f"{name}.png")
    inputs = [str(tmp_path / "soft.png"), str(tmp_path / "sharp.png")]
    done = CliRunner().invoke(main, ["enhance", *inputs, "-o", str(tmp_path / "out"), "--json", "-O", "profile=deblur"])
    lines = map(json.loads, done.stdout.splitlines()[:2])
    reasons = {Path(line["path"]).stem: line["reason"] for line in lines}
    assert re.fullmatch(r"undone: blur of about 1\.[456] px", reasons["soft"])
    assert reasons["sharp"] == "undone: nothing"


def test_light_can_be_said(photo):
    soft = gaussian(photo, 1.0)
    vectors = [
        sharpcli.load("student", profile="deblur", kind="gaussian", light=light).enhancer.for_image(soft).vector
        for light in ("linear", "encoded")
    ]
    assert [vector[10] for vector in vectors] == [1, 0]
    with pytest.raises(SharpError, match="option light has no effect with profile photo"):
        sharpcli.load("student", profile="photo", light="linear")(photo)


def test_what_the_user_said_is_what_is_undone(photo):
    told = sharpcli.load("student", profile="deblur", kind="defocus", blur=2, noise=5).enhancer.for_image(photo)
    assert told.finding().startswith("undone: defocus of about 2.0 px, noise 5.0")
    assert sharpcli.load("student", profile="photo").enhancer.for_image(photo).finding() == ""


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_small_images_share_one_compilation_and_come_out_alike(photo, monkeypatch, precision):
    from sharpcli.inference import conditioned, runtime

    soft = [gaussian(photo[:120, :160], sigma) for sigma in (0.9, 1.2, 1.6)]
    student = sharpcli.load("student-live", profile="deblur", precision=precision).enhancer
    runtime.load_plain_network.cache_clear()  # other tests had small images too
    compiled = []
    compile = runtime.Network._compile
    monkeypatch.setattr(runtime.Network, "_compile", lambda *given: compiled.append(given[2]) or compile(*given))
    together = [student.enhance(image) for image in soft]
    assert len(compiled) == 1
    monkeypatch.setattr(conditioned, "SMALL_IMAGE", 0)
    for image, result in zip(soft, together, strict=True):
        assert np.abs(result.astype(int) - student.enhance(image)).max() <= 1
    assert len(compiled) == 4


def test_a_blurred_background_does_not_cost_the_sharp_foreground(student):
    sharp = data.astronaut()
    mixed = disc(sharp, 2.5)
    mixed[:, :256] = sharp[:, :256]
    told = student.for_image(mixed)
    assert np.array_equal(told.enhance(mixed), mixed)
    assert told.finding().startswith("undone: nothing")
    said = dataclasses.replace(student, kind="defocus", blur=2.5).for_image(mixed)
    assert said.finding() == "undone: defocus of about 2.5 px", "who says it knows it"


def test_where_the_near_is_sharper_than_the_far_the_blur_of_the_near_is_undone(student):
    sharp = data.astronaut()
    mixed = disc(sharp, 4)
    mixed[:, :256] = disc(sharp, 1.5)[:, :256]
    found = student.degradation(mixed)
    assert (found.kind, found.size) == ("defocus", pytest.approx(1.5, rel=0.15))
    assert gain(student.enhance(mixed), mixed, sharp) > 0.5


def test_a_blur_of_parts_is_named_and_left():
    found = Degradation(sharp_share=0.3, noise=4.0).with_blur("defocus", 2.5)
    partly = dataclasses.replace(found, sharp_share=0.3).decided()
    assert partly.describe() == "noise 4.0; parts are blurred, and were left so"
    assert not any(dataclasses.replace(partly, noise=0.0).vector())
    assert found.decided().describe() == "defocus of about 2.5 px, noise 4.0"
