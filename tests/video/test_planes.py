"""Planes of every pixel format: what is not enhanced comes back bit for bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.video.frames import FrameEnhancer
from sharpcli.video.planes import BITS, RGB_BITS, plane
from tests.helpers.frames import Brighter, Local, Same, SameRgb, components, frame_of, samples

SIDES = st.integers(8, 40)


@pytest.mark.parametrize("enhancer", [Same(), SameRgb()], ids=["any", "rgb"])
@pytest.mark.parametrize("full", [False, True], ids=["limited", "full"])
@pytest.mark.parametrize("name", BITS)
def test_what_nothing_changes_is_bit_equal(name, full, enhancer):
    given_samples = samples(name, 34, 18)
    frame = frame_of(name, given_samples, color_range=2 if full else 1, colorspace=1)
    after = components(FrameEnhancer(enhancer)(frame))
    assert all(map(np.array_equal, given_samples, after))


@given(st.sampled_from(sorted(BITS)), SIDES, SIDES, st.integers(0, 99), st.sampled_from([Same(), SameRgb()]))
def test_so_is_it_at_any_size(name, width, height, seed, enhancer):
    given_samples = samples(name, width, height, seed)
    after = components(FrameEnhancer(enhancer)(frame_of(name, given_samples)))
    assert all(map(np.array_equal, given_samples, after))


@given(st.sampled_from(sorted(BITS)), SIDES, SIDES, st.integers(0, 99))
def test_strength_0_changes_nothing(name, width, height, seed):
    given_samples = samples(name, width, height, seed)
    after = components(FrameEnhancer(Brighter(), 0)(frame_of(name, given_samples)))
    assert all(map(np.array_equal, given_samples, after))


@pytest.mark.parametrize("name", sorted(set(BITS) - set(RGB_BITS)))
def test_luma_changes_and_all_else_stays(name):
    given_samples = samples(name, 34, 18)
    after = components(FrameEnhancer(Local())(frame_of(name, given_samples)))
    assert not np.array_equal(given_samples[0], after[0])
    assert all(map(np.array_equal, given_samples[1:], after[1:]))


@pytest.mark.parametrize("name", ["gbrap", "bgra", "rgba64be", "gbrap10le"])
def test_rgb_changes_and_alpha_stays(name):
    given_samples = [one // 2 for one in samples(name, 34, 18)]
    after = components(FrameEnhancer(Brighter())(frame_of(name, given_samples)))
    step = round(0.1 * ((1 << BITS[name]) - 1))
    for before, now in zip(given_samples[:3], after[:3], strict=True):
        assert np.abs(now.astype(int) - before - step).max() <= 1
    assert np.array_equal(after[3], given_samples[3])


@pytest.mark.parametrize("name", ["rgb24", "bgr24", "gbrp", "argb", "bgr0", "rgb48be", "gbrp10le"])
def test_red_green_and_blue_are_found(name):
    height, width = 4, 6
    given_samples = [np.full((height, width), value) for value in (200, 100, 50)]
    frame = frame_of(name, [*given_samples, *samples(name, width, height)[3:]])
    top = (1 << BITS[name]) - 1
    seen = frame.reformat(format="rgb48le").to_ndarray().astype(float) / 65535
    assert seen.mean((0, 1)) == pytest.approx([200 / top, 100 / top, 50 / top], abs=2 / top)


@pytest.mark.parametrize("name", ["nv12", "p010le", "yuyv422", "uyvy422", "nv21", "yuv420p10be"])
def test_luma_and_chroma_are_found(name):
    frame = frame_of(name, [np.full_like(one, 0) for one in samples(name, 16, 8)])
    unit = 1 << (BITS[name] - 8)
    for index, value in enumerate((60, 90, 150)):
        plane(frame, index)[...] = value * unit
    seen = frame.reformat(format="yuv444p")
    assert [int(np.median(plane(seen, index))) for index in range(3)] == [60, 90, 150]
