import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.image.image import Image, from_pil, to_pil
from sharpcli.image.resample import degrade
from sharpcli.image.scratch import scratch_space
from sharpcli.pipeline.guard import for_image
from sharpcli.pipeline.run import blend, enhanced, enlarged, sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer

SHIPPED = [
    ("bicubic", None),
    *((name, profile) for name in ("student", "student-live") for profile in ("photo", "x2")),
    *(pytest.param("teacher", profile, marks=pytest.mark.slow) for profile in ("photo", "x2")),
]


def shipped(name, profile):
    return create_enhancer(name, {"profile": profile} if profile else {})


class Lift(Enhancer):
    """Adds a tenth, and remembers what it was shown."""

    name = "lift"
    summary = "adds light"
    color = "luma"

    def enhance(self, pixels):
        assert pixels.dtype == np.float32
        return pixels + np.float32(0.1)


class LiftRGB(Lift):
    color = "rgb"


class InvertBytes(Enhancer):
    name = "invert"
    summary = "turns light to dark"
    dtype = "uint8"

    def enhance(self, pixels):
        assert pixels.shape[2] == 3
        return 255 - pixels


@pytest.mark.parametrize(("name", "profile"), SHIPPED)
def test_tiled_equals_whole_within_one_level(photo, name, profile):
    image = Image(degrade(photo, 2), "RGB")
    whole = sharpen(image, shipped(name, profile), tile=4096).pixels.astype(int)
    parts = sharpen(image, shipped(name, profile), tile=96).pixels.astype(int)
    assert np.abs(whole - parts).max() <= 1


@pytest.mark.parametrize(("name", "profile"), SHIPPED)
def test_the_same_input_gives_the_same_output(photo, name, profile):
    image = Image(photo[:97, :131], "RGB")
    first, second = (sharpen(image, shipped(name, profile)).pixels for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(("name", "profile"), SHIPPED)
def test_strength_zero_returns_the_input(photo, name, profile):
    np.testing.assert_array_equal(sharpen(Image(photo, "RGB"), shipped(name, profile), strength=0).pixels, photo)


def test_bicubic_at_1x_returns_the_input(photo):
    np.testing.assert_array_equal(sharpen(Image(photo, "RGB"), shipped("bicubic", None)).pixels, photo)


@pytest.mark.parametrize(("name", "profile"), SHIPPED)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (5, 3), (33, 2)])
def test_tiny_and_odd_sizes_come_back_in_their_size(photo, name, profile, size):
    pixels = photo[: size[0], : size[1]]
    assert sharpen(Image(pixels, "RGB"), shipped(name, profile)).pixels.shape == pixels.shape


@pytest.mark.parametrize("enhancer", [Lift(), LiftRGB()])
@pytest.mark.parametrize(
    ("mode", "channels", "lifted"),
    [("L", 1, [1]), ("LA", 2, [1, 0]), ("RGB", 3, [1, 1, 1]), ("RGBA", 4, [1, 1, 1, 0]), ("CMYK", 4, [-1, -1, -1, -1])],
)
def test_every_mode_is_enhanced_in_its_own_channels(enhancer, mode, channels, lifted):
    """A tenth more light is 25 or 26 levels in each colour, none in alpha, and less of every ink."""
    pixels = np.full((4, 6, channels), 100, np.uint8)
    change = sharpen(Image(pixels, mode), enhancer).pixels.astype(int) - 100
    np.testing.assert_allclose(change, np.broadcast_to(np.array(lifted) * 25.5, change.shape), atol=0.6)


def test_strength_blends_between_input_and_result():
    pixels = np.full((4, 4, 3), 100, np.uint8)
    half = sharpen(Image(pixels, "RGB"), InvertBytes(), strength=0.5).pixels
    np.testing.assert_allclose(half, 127.5, atol=0.6)


def test_values_are_clipped_and_never_wrap():
    assert sharpen(Image(np.full((2, 2, 3), 250, np.uint8), "RGB"), Lift()).pixels.max() == 255


def test_upscale_gives_the_larger_size_and_keeps_alpha(photo):
    rgba = np.dstack([photo[:50, :60], np.full((50, 60), 128, np.uint8)])
    result = sharpen(Image(rgba, "RGBA"), shipped("bicubic", None), upscale=2).pixels
    assert result.shape == (100, 120, 4)
    assert (result[..., 3] == 128).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_upscale_sharpens_no_edge_into_a_flat_color_where_it_ends_in_transparency(dtype):
    across = np.mgrid[:480, :480] / 4 - 60
    disc = (np.hypot(*across) < 40).reshape(120, 4, 120, 4).mean((1, 3))
    full = np.iinfo(dtype).max
    flat = round(180 / 255 * full)
    pixels = np.full((120, 120, 4), flat, dtype)
    pixels[..., 3] = np.rint(disc * full)
    result = sharpen(Image(pixels, "RGBA"), shipped("student", "x2"), upscale=2).pixels
    seen = result[..., :3][result[..., 3] > 0.04 * full]
    assert np.abs(seen.astype(int) - flat).max() <= full / 255


@pytest.mark.parametrize(
    ("upscale", "settings", "profile"),
    [
        (1, {}, "auto"),
        (2, {}, "x2"),
        (3, {}, "auto"),
        (2, {"profile": "photo"}, "photo"),
        (1, {"profile": "x2"}, "x2"),
    ],
)
def test_upscale_picks_its_profile_unless_told_otherwise(upscale, settings, profile):
    assert create_enhancer("student", settings, upscale).profile == profile


@pytest.mark.parametrize("mode", ["RGB", "LA", "CMYK"])
def test_a_result_that_is_kept_can_be_blended_anew(photo, mode):
    image = Image(np.asarray(PILImage.fromarray(photo).convert(mode)), mode)
    student = shipped("student", "photo")
    before, after = enlarged(image, 2), enhanced(enlarged(image, 2), student)
    kept = after.pixels.copy()
    for strength in (0, 0.3, 1):
        again = sharpen(image, student, upscale=2, strength=strength)
        np.testing.assert_array_equal(blend(before, after, strength).pixels, again.pixels)
    np.testing.assert_array_equal(after.pixels, kept)


class Flip(Enhancer):
    """Gives back a view of what it was given."""

    name = "flip"
    summary = "turns upside down"
    dtype = "uint8"

    def enhance(self, pixels):
        return pixels[::-1]


def test_a_blend_writes_into_no_array_of_an_enhancer(photo):
    image = Image(photo.copy(), "RGB")
    half = sharpen(image, Flip(), strength=0.5).pixels
    np.testing.assert_array_equal(image.pixels, photo)
    np.testing.assert_array_equal(half, np.rint((photo + photo[::-1].astype(float)) / 2))


@given(st.floats(1, 2), st.sampled_from([np.uint8, np.uint16]))
def test_above_one_the_change_is_exaggerated_and_clipped(strength, dtype):
    white = np.iinfo(dtype).max
    levels = np.linspace(0, white, 30).astype(dtype).reshape(5, 2, 3)
    before, after = Image(levels, "RGB"), Image(np.ascontiguousarray(levels[::-1]), "RGB")
    wanted = levels.astype(float) + strength * (levels[::-1].astype(float) - levels)
    result = blend(before, after, strength).pixels
    assert result.dtype == dtype
    assert np.abs(result - wanted.clip(0, white)).max() <= 0.5 + white / 1e5


@pytest.mark.parametrize("strength", [-0.1, 2.1, float("nan")])
def test_a_strength_out_of_range_is_refused(strength):
    with pytest.raises(SharpError, match="between 0 and 2"):
        sharpen(Image(np.zeros((2, 2, 3), np.uint8), "RGB"), Lift(), strength=strength)


# The teacher, which takes seconds, works on a grid of 8 that a phase moves like the students' grid of 2.
TEACHER = pytest.param("teacher", (1, 1), marks=pytest.mark.slow)
PHASES = [("student", phase) for phase in ((0, 0), (0, 1), (1, 0), (1, 1))]


@pytest.mark.parametrize(("name", "phase"), [*PHASES, ("student-live", (1, 0)), TEACHER])
def test_tiled_equals_whole_on_every_phase_of_the_grid(photo, name, phase):
    image = Image(degrade(photo, 2)[phase[0] :, phase[1] :], "RGB")
    auto = shipped(name, "auto")
    chosen = for_image(auto, image.pixels)
    assert chosen == dataclasses.replace(shipped(name, "x2"), phase=phase, words="enlarged exactly 2 times")
    # At an odd side some tiles begin in the middle of a pair.
    whole, parts = (sharpen(image, auto, tile=tile).pixels.astype(int) for tile in (4096, 131))
    assert np.abs(whole - parts).max() <= 1


def test_a_shifted_grid_gives_what_the_straight_one_gives(photo):
    straight = degrade(photo[:298, :448], 2)
    whole = sharpen(Image(straight, "RGB"), shipped("student", "x2")).pixels
    shifted = sharpen(Image(straight[1:, 1:], "RGB"), shipped("student", "auto")).pixels
    # The network sees past its radius of 15 neither row 0 nor column 0, which the shifted image has lost.
    np.testing.assert_array_equal(shifted[15:, 15:], whole[16:, 16:])


@pytest.mark.parametrize("degradation", [{"scale": 1}, {"scale": 1.5}, {"scale": 3}, {"scale": 2, "jpeg": 75}])
def test_auto_is_deblur_where_an_image_was_not_enlarged_twice(photo, degradation):
    image = Image(degrade(photo, **degradation), "RGB")
    found, auto = (sharpen(image, shipped("student", profile)).pixels for profile in ("deblur", "auto"))
    np.testing.assert_array_equal(found, auto)


def test_auto_is_deblur_for_what_a_box_filter_had_shrunk(photo):
    """The weights for exact enlargements expect what a bicubic filter had shrunk, and would draw stairs."""
    shrunk = to_pil(photo[:298, :448], "RGB").resize((224, 149), PILImage.Resampling.BOX)
    image = Image(from_pil(shrunk.resize((448, 298), PILImage.Resampling.BICUBIC)), "RGB")
    auto = for_image(shipped("student", "auto"), image.pixels)
    assert (auto.profile, auto.finding()) == ("deblur", "undone: enlarged about 2.0 times")


def test_auto_undoes_what_the_options_say_and_nothing_else(photo):
    image = Image(degrade(photo, 2), "RGB")
    options = {"kind": "defocus", "blur": 2, "noise": 0}
    said, auto = (create_enhancer("student", {"profile": profile, **options}) for profile in ("deblur", "auto"))
    assert for_image(auto, image.pixels) == for_image(said, image.pixels)


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "CMYK"])
def test_auto_sees_each_group_of_channels_and_keeps_alpha(photo, mode):
    image = Image(from_pil(to_pil(degrade(photo, 2), "RGB").convert(mode)), mode)
    auto, exact = (sharpen(image, shipped("student", profile)).pixels for profile in ("auto", "x2"))
    # Nothing shows that a flat group of channels, as black is here, was enlarged.
    seen = slice(0, 3) if mode == "CMYK" else slice(None)
    np.testing.assert_array_equal(auto[..., seen], exact[..., seen])
    if mode.endswith("A"):
        np.testing.assert_array_equal(auto[..., -1], image.pixels[..., -1])


def test_auto_decides_on_the_whole_image_even_when_called_by_itself(photo):
    pixels = degrade(photo, 2)[1:]
    auto = shipped("student", "auto")
    np.testing.assert_array_equal(auto.enhance(pixels), sharpen(Image(pixels, "RGB"), auto).pixels)


@pytest.mark.parametrize(("name", "profile"), SHIPPED)
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_sixteen_bits_stay_sixteen_bits_and_agree_with_eight(photo, name, profile, mode):
    shallow = from_pil(to_pil(degrade(photo[:60, :90], 2), "RGB").convert(mode))
    deep = shallow.astype(np.uint16) * 257
    enhancer = shipped(name, profile)
    result = sharpen(Image(deep, mode), enhancer).pixels
    eight = sharpen(Image(shallow, mode), enhancer).pixels
    assert result.dtype == np.uint16
    # A network of 8 bits rounds what it sees, so the two may differ by a level here and there.
    difference = np.abs(result / 257 - eight)
    assert np.quantile(difference, 0.99) <= 1
    if mode.endswith("A"):
        np.testing.assert_array_equal(result[..., -1], deep[..., -1])
    if name != "bicubic":
        # More than 256 levels, or the path in between was one of 8 bits.
        assert len(np.unique(result[..., 0])) > 256


@pytest.mark.parametrize("enhancer", [InvertBytes(), Lift(), shipped("bicubic", None)])
def test_what_eight_bits_cannot_tell_apart_survives_in_sixteen(enhancer):
    """A ramp of 100 neighbouring levels of 65536 comes back as one, whatever the enhancer is shown."""
    ramp = np.arange(20_000, 20_100, dtype=np.uint16)
    pixels = np.repeat(np.tile(ramp, (2, 1))[..., None], 3, axis=2)
    result = sharpen(Image(pixels, "RGB"), enhancer).pixels[0, :, 0].astype(int)
    assert np.abs(np.diff(result)).max() <= 2


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("upscale", [2, 1.5, 3.3])
def test_sixteen_bits_are_enlarged_like_eight(photo, mode, upscale):
    shallow = from_pil(to_pil(photo[:50, :70], "RGB").convert(mode))
    bicubic = shipped("bicubic", None)
    deep = sharpen(Image(shallow.astype(np.uint16) * 257, mode), bicubic, upscale=upscale).pixels
    eight = sharpen(Image(shallow, mode), bicubic, upscale=upscale).pixels
    assert deep.shape == eight.shape
    assert np.abs(deep / 257 - eight).max() <= 1.6


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_pixels_on_disk_give_the_same_result(photo, tmp_path, mode):
    image = Image(from_pil(to_pil(photo, "RGB").convert(mode)), mode)
    enhancer = shipped("student-live", "photo")
    whole = sharpen(image, enhancer, upscale=2, tile=200).pixels
    with scratch_space(1000, tmp_path) as scratch:
        np.testing.assert_array_equal(sharpen(image, enhancer, upscale=2, tile=200, scratch=scratch).pixels, whole)


def test_an_enhancer_is_prepared_once_an_image(photo):
    asked = []

    class Asking(InvertBytes):
        def for_image(self, pixels):
            asked.append(pixels.shape)
            return InvertBytes()

    result = sharpen(Image(photo, "RGB"), Asking(), tile=64).pixels
    assert asked == [photo.shape]
    np.testing.assert_array_equal(result, 255 - photo)
