"""Enhancers of RGB on clips: the stream's own matrix, and chroma that stays."""

import numpy as np
import pytest

from sharpcli.errors import ImageError
from sharpcli.video.frames import FrameEnhancer, decide_by
from sharpcli.video.matrix import Matrix, to_rgb
from tests.helpers.frames import Brighter, SameRgb, components, frame_of, samples

MATRICES = {"bt709": (1, "bt709"), "bt601": (6, "bt601"), "bt2020": (9, "bt2020")}
NAMES = ["yuv420p", "yuv422p10le", "yuv444p", "nv12", "yuva420p"]


@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("space", MATRICES)
def test_rgb_is_that_of_another_converter(space, full):
    number, called = MATRICES[space]
    luma, *chroma = samples("yuv444p", 40, 30)
    given = [luma // 2 + 60, *(one // 8 + 112 for one in chroma)]
    frame = frame_of("yuv444p", given, colorspace=number, color_range=2 if full else 1)
    # Bicubic's accurate rounding, and 16 bits so that neither rounds much.
    theirs = frame.reformat(
        format="gbrp16le", src_colorspace=number, src_color_range=frame.color_range, interpolation=0x40000 | 4
    )
    ours = to_rgb(frame, Matrix.of(frame), slice(None))
    for index, channel in enumerate(components(theirs)):
        inside = (channel > 1000) & (channel < 64000)
        assert inside.any()
        assert np.abs(channel.astype(int) - ours[..., index])[inside].max() < 257, called


@pytest.mark.parametrize("name", NAMES)
def test_a_brighter_image_is_brighter_luma_and_the_same_chroma(name):
    given = [one // 4 + (1 << 7) * (1 if one.max() < 256 else 4) - 32 for one in samples(name, 34, 18)]
    before = given[0].astype(int)
    frame = frame_of(name, given, colorspace=1, color_range=1)
    after = components(FrameEnhancer(Brighter())(frame))
    unit = 1 if "10" not in name else 4
    # A tenth of the 219 levels from black to white, less where a channel met white.
    assert np.median(after[0] - before) == pytest.approx(21.9 * unit, abs=0.6)
    assert all(map(np.array_equal, given[1:], after[1:]))


def test_matrices_that_nobody_names_are_guessed_by_size():
    small, large = (frame_of("yuv420p", samples("yuv420p", *sides)) for sides in ((720, 480), (1280, 720)))
    assert Matrix.of(small).red == 0.299
    assert Matrix.of(large).red == 0.2126


@pytest.mark.parametrize("space", [8, 10, 14], ids=["YCgCo", "BT.2020 constant luminance", "ICtCp"])
def test_a_matrix_without_luma_is_refused_for_rgb_only(space):
    frame = frame_of("yuv444p", samples("yuv444p", 32, 32), colorspace=space)
    with pytest.raises(ImageError, match="choose an enhancer of luma"):
        decide_by([frame], SameRgb())


def test_chroma_of_a_field_is_upsampled_where_it_lies():
    """A ramp of chroma stays the ramp that it was before it was subsampled: its left column is luma's."""
    ramp = np.tile(np.arange(64) * 2 + 64, (32, 1))
    given = [np.full((32, 64), 128), ramp[::2, ::2], np.full((16, 32), 128)]
    rgb = to_rgb(
        frame_of("yuv420p", given, colorspace=1), Matrix.of(frame_of("yuv420p", given, colorspace=1)), slice(None)
    )
    whole = frame_of("yuv444p", [given[0], ramp, np.full((32, 64), 128)], colorspace=1)
    exact = to_rgb(whole, Matrix.of(whole), slice(None))
    inside = slice(8, -8)
    assert np.abs(rgb[:, inside].astype(int) - exact[:, inside]).max() < 65535 / 255 / 4
