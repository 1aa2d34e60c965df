"""What stands still is not run again, and the result is the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.video.frames import FrameEnhancer
from sharpcli.video.static import COLUMNS, ROWS, Static
from tests.helpers.frames import Local, components, frame_of, interlaced, samples

WIDTH, HEIGHT = 3 * COLUMNS - 100, 4 * ROWS - 60


def typing(name, places, mark=frame_of):
    """Frames of one picture, in which one sample more has changed in each."""
    given = samples(name, WIDTH, HEIGHT)
    for number, (x, y) in enumerate(places):
        given[0][y % HEIGHT, x % WIDTH] ^= 64
        yield mark(name, [one.copy() for one in given], pts=number)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 69)), min_size=3, max_size=9), st.integers(1, 4))
def test_the_same_results_with_and_without(places, multiple):
    function = Local().enhance
    static = Static(function, Local.receptive_radius, multiple, (16, 24))
    pixels = samples("gray", 100, 70)[0].astype(np.uint8)[..., None]
    for x, y in places:
        pixels = pixels.copy()
        pixels[y, x] ^= 64
        assert np.array_equal(static(pixels), function(pixels))


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "gbrp"])
def test_only_what_moved_is_run(name):
    frames = list(typing(name, [(5, 5), (9, 9), (700, 600), (0, 0), (COLUMNS, 3)]))
    enhance, plain = FrameEnhancer(Local()), FrameEnhancer(Local(), reuse=False)
    shown = []
    for frame in frames:
        expected = components(plain(frame_of(name, components(frame))))
        before = Local.shown
        after = components(enhance(frame))
        shown.append(Local.shown - before)
        assert all(map(np.array_equal, after, expected))
    whole = WIDTH * HEIGHT
    # Once to see that tiles and the whole are the same, then a tile or the few that look at its edge.
    assert shown[0] == whole < shown[1]
    assert all(0 < one < whole / 2 for one in shown[2:])


def test_a_frame_that_stands_still_costs_nothing():
    enhance = FrameEnhancer(Local())
    given = samples("yuv420p", 320, 200)
    first = components(enhance(frame_of("yuv420p", given)))
    before = Local.shown
    assert all(map(np.array_equal, components(enhance(frame_of("yuv420p", given))), first))
    assert Local.shown == before


def test_a_clip_that_moves_is_run_whole():
    enhance = FrameEnhancer(Local())
    for seed in range(3):
        before = Local.shown
        enhance(frame_of("gray", samples("gray", WIDTH, HEIGHT, seed)))
        assert Local.shown - before == WIDTH * HEIGHT


def test_fields_are_compared_with_those_of_the_same_kind():
    enhance = FrameEnhancer(Local())
    given = samples("yuv420p", 64, 64)
    first = components(enhance(interlaced(frame_of("yuv420p", given))))
    before = Local.shown
    assert np.array_equal(components(enhance(interlaced(frame_of("yuv420p", given))))[0], first[0])
    assert Local.shown == before


@pytest.mark.parametrize("radius", [None, 3])
def test_a_function_that_tiles_would_change_is_run_whole(radius):
    """By its contract it may look at everything, or round tiles in another way."""
    seen = []

    def function(pixels):
        seen.append(pixels.shape)
        return pixels + np.uint8(pixels.shape[0] % 7)

    static = Static(function, radius)
    pixels = samples("gray", WIDTH, HEIGHT)[0].astype(np.uint8)[..., None]
    for column in range(5):
        pixels = pixels.copy()
        pixels[0, column] ^= 1
        assert np.array_equal(static(pixels), pixels + np.uint8(HEIGHT % 7))
    assert seen[-1] == pixels.shape
