from dataclasses import replace

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.compare.compare import Enhanced, lined_up, scored, sharpened, with_scores
from sharpcli.errors import SharpError
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.resample import degrade
from sharpcli.image.write import write_image
from sharpcli.pipeline.run import sharpen, timed
from sharpcli.pipeline.spec import EnhancerSpec, create_enhancer, distinct
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.scoring.files import score_files
from sharpcli.scoring.score import read_rgb


@pytest.fixture
def blurred(photo):
    return Image(degrade(photo, 2), "RGB")


@pytest.mark.parametrize(
    ("text", "options", "label"),
    [
        ("student", {}, "student"),
        ("student:precision=int8,profile=x2", {"precision": "int8", "profile": "x2"}, "student INT8 profile=x2"),
        (" student: profile = x2", {"profile": "x2"}, "student profile=x2"),
        ("student:mix=a=b", {"mix": "a=b"}, "student mix=a=b"),
    ],
)
def test_an_enhancer_with_its_options_is_one_text(text, options, label):
    spec = EnhancerSpec.parse(text)
    assert (spec.name, dict(spec.options), spec.label) == ("student", options, label)
    assert EnhancerSpec.parse(spec.text) == spec


@pytest.mark.parametrize("text", ["", " ", ":profile=x2", "student:profile", "student:=x2", "student:profile="])
def test_what_is_no_enhancer_is_answered_with_how_to_write_one(text):
    with pytest.raises(SharpError, match="NAME:OPTION=VALUE"):
        EnhancerSpec.parse(text)


def test_an_enhancer_or_an_option_given_twice_is_refused():
    with pytest.raises(SharpError, match="an option twice"):
        EnhancerSpec.parse("student:profile=x2,profile=photo")
    same = "student:profile=x2,precision=int8", "student:precision=int8,profile=x2"
    with pytest.raises(SharpError, match="given twice"):
        distinct(EnhancerSpec.parse(text) for text in same)


def test_an_enlargement_picks_the_weights_made_for_it():
    assert EnhancerSpec("student").create(2) == create_enhancer("student", {"profile": "x2"})
    photo = {"profile": "photo"}
    assert EnhancerSpec("student", tuple(photo.items())).create(2) == create_enhancer("student", photo)


class Slow(Enhancer):
    """Loads something when it is first called, and is another one for tall images."""

    name = "slow"
    summary = "for tests"
    dtype = "uint8"
    tall: bool = False

    def for_image(self, pixels):
        return replace(self, tall=True) if len(pixels) > 200 else self

    def enhance(self, pixels):
        calls.append((self.tall, pixels.shape))
        return 255 - pixels


calls = []


def test_the_time_is_that_of_the_whole_image_once_all_it_needs_is_loaded(blurred, monkeypatch):
    calls.clear()
    clock = []
    monkeypatch.setattr("time.perf_counter", lambda: clock.append(len(calls)) or float(len(clock)))
    after, seconds = timed(blurred, Slow())
    assert (calls[0][0], calls[-1]) == (True, (True, blurred.pixels.shape))
    assert max(calls[0][1]) <= 64
    # A look at the image, then the enhancer's work, each from one look at the clock to the next.
    assert (clock, seconds) == ([1, 1, 1, 2], 2.0)
    assert (after.pixels == 255 - blurred.pixels).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (2, 2, 3)])
def test_the_smallest_images_can_be_timed_too(shape):
    image = Image(np.full(shape, 90, np.uint8), "RGB")
    assert timed(image, create_enhancer("student-live", {}))[0].pixels.shape == shape


def test_the_input_comes_first_the_reference_last_and_results_are_the_pipelines_own(photo, blurred):
    chosen = [(c, c.create()) for c in map(EnhancerSpec.parse, ("bicubic", "student-live:profile=x2"))]
    comparison = lined_up(blurred, sharpened(blurred, chosen, 0.5), photo, strength=0.5)
    assert [one.label for one in comparison.candidates] == [
        "input",
        "bicubic",
        "student-live profile=x2",
        "reference",
    ]
    expected = [blurred, *(sharpen(blurred, enhancer, strength=0.5) for _, enhancer in chosen)]
    for candidate, image in zip(comparison.candidates, expected, strict=False):
        assert (candidate.pixels == image.pixels).all()
    assert comparison.reference.pixels is photo
    assert [one.seconds is None for one in comparison.candidates] == [True, False, False, True]


@pytest.mark.parametrize("convention", ["rgb", "y"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "LA", "CMYK", "deep"])
def test_scores_are_those_of_the_command_that_scores_files(photo, tmp_path, mode, convention):
    small = photo[:90, :100]
    image = PILImage.fromarray(small).convert("RGB" if mode == "deep" else mode)
    if mode.endswith("A"):
        image.putalpha(PILImage.linear_gradient("L").resize(image.size))
    paths = {name: tmp_path / f"{name}.tif" for name in ("input", "after", "reference")}
    image.save(paths["reference"])
    before = read_image(paths["reference"])
    if mode == "deep":
        before = replace(before, pixels=before.pixels.astype(np.uint16) * 257 + 77)
    before = replace(before, pixels=before.pixels // 2)
    after = sharpen(before, create_enhancer("student-live", {}))
    write_image(before, paths["input"])
    write_image(after, paths["after"])
    comparison = lined_up(before, [Enhanced("net", after, 0.25)], read_rgb(paths["reference"]))
    baseline, result = scored(comparison, convention).rows()
    expected = score_files("a", paths["after"], paths["reference"], paths["input"], convention).row()
    assert baseline == {
        "candidate": "input",
        "ms": None,
        "psnr": expected["input_psnr"],
        "ssim": expected["input_ssim"],
        "gain_psnr": None,
        "gain_ssim": None,
    }
    own = {key: expected[key] for key in ("psnr", "ssim", "gain_psnr", "gain_ssim")}
    assert result == {"candidate": "net", "ms": 250, **own}


def test_scores_that_are_known_can_be_put_back(photo, blurred):
    plain = lined_up(blurred, [Enhanced("net", sharpen(blurred, create_enhancer("student-live", {})), 1)], photo)
    full = scored(plain, "y")
    scores = [one.scores for one in (full.input, *full.results)]
    assert with_scores(plain, "y", scores).rows() == full.rows() != plain.rows()


def test_without_a_reference_no_figure_is_claimed(blurred):
    comparison = scored(lined_up(blurred, [Enhanced("net", blurred, 1)]), "rgb")
    assert (comparison.convention, list(comparison.rows()[1])) == ("", ["candidate", "ms"])


def test_a_reference_of_another_size_is_refused_before_anything_is_enhanced(photo, blurred):
    calls.clear()
    with pytest.raises(SharpError, match="449x298 pixels and the result 449x299"):
        lined_up(blurred, sharpened(blurred, [(EnhancerSpec("slow"), Slow())]), photo[:-1])
    assert not calls


def test_pixels_keep_the_profile_that_tells_their_colors_where_it_speaks_of_rgb(blurred):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = profile[:16] + b"GRAY" + profile[20:]
    seen = [lined_up(replace(blurred, metadata={"icc_profile": one}), []).profile for one in (profile, grey)]
    assert seen == [profile, b""]
