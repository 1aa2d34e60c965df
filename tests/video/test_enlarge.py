"""Clips enlarged: sizes, and colours that stay in place."""

import numpy as np
import pytest

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen
from sharpcli.video.frames import FrameEnhancer
from sharpcli.video.planes import plane
from tests.helpers.frames import Local, Same, components, frame_of, interlaced, samples


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gray", "nv12", "yuva444p10le"])
def test_luma_is_what_becomes_of_an_image(name):
    given = samples(name, 40, 30)
    after = FrameEnhancer(Local(), upscale=2)(frame_of(name, given))
    pixels = given[0].astype(np.uint8) if given[0].max() < 256 else given[0] << 6
    expected = sharpen(Image(pixels[..., None], "L"), Local(), upscale=2).pixels[..., 0]
    levels = plane(after) if expected.dtype == np.uint8 else plane(after).astype(np.uint16) << 6
    assert (after.width, after.height) == (80, 60)
    # Enlarged luma is rounded to a frame's bits before it is sharpened.
    assert np.abs(levels.astype(int) - expected).max() <= (0 if expected.dtype == np.uint8 else 2 << 6)


@pytest.mark.parametrize("name", ["yuv420p16le", "p016le", "yuv422p16le", "yuv444p16le", "yuvj420p", "yuv411p"])
@pytest.mark.parametrize("upscale", [2, 3, 1.5])
def test_colours_lie_where_luma_does(name, upscale):
    """Chroma that is the same ramp as luma, each at its place, is still the same one afterwards."""
    jpeg = name.startswith("yuvj")
    given = samples(name, 96, 48)
    unit = 256 if "16" in name else 1
    for index, one in enumerate(given):
        down, across = 48 // one.shape[0], 96 // one.shape[1]
        x = np.arange(one.shape[1]) * across + ((across - 1) / 2 if jpeg else 0)
        y = np.arange(one.shape[0]) * down + (down - 1) / 2
        given[index] = np.rint((2 * x[None] + y[:, None] + 8) * unit).astype(one.dtype)
    after = FrameEnhancer(Same(), upscale=upscale)(frame_of(name, given))
    luma, *chroma = (one.astype(float) / unit for one in components(after))
    for one in chroma:
        down, across = luma.shape[0] // one.shape[0], luma.shape[1] // one.shape[1]
        rows, columns = (side - side % unit for side, unit in zip(luma.shape, (down, across), strict=True))
        blocks = luma[:rows, :columns].reshape(rows // down, down, columns // across, across)
        seen = blocks.mean((1, 3)) if jpeg else blocks[..., 0].mean(1)
        inside = slice(6, -6), slice(6, -6)
        # 8 bits round luma and chroma each.
        error = np.abs(one[: seen.shape[0], : seen.shape[1]] - seen)[inside]
        assert error.max() <= (1.5 if unit == 1 else 0.02)


@pytest.mark.parametrize(("name", "sides"), [("yuv420p", (124, 76)), ("yuv444p", (123, 75)), ("yuv422p", (124, 75))])
def test_sides_are_what_an_encoder_takes(name, sides):
    after = FrameEnhancer(Same(), upscale=1.5)(frame_of(name, samples(name, 82, 50)))
    assert (after.width, after.height) == tuple(side for side in sides)


def test_what_a_frame_says_of_itself_stays():
    said = {"color_range": 2, "colorspace": 9, "color_primaries": 9, "color_trc": 16}
    after = FrameEnhancer(Same(), upscale=2)(frame_of("yuv420p10le", samples("yuv420p10le", 32, 32), pts=7, **said))
    assert after.pts == 7
    assert {key: getattr(after, key) for key in said} == said


def test_interlaced_frames_are_not_enlarged():
    frame = interlaced(frame_of("yuv420p", samples("yuv420p", 32, 32)))
    with pytest.raises(ImageError, match="deinterlace it first"):
        FrameEnhancer(Same(), upscale=2)(frame)
