"""A clip's enhancer is chosen once, for many frames."""

import numpy as np
import pytest

from sharpcli.inference.degradation import Degradation
from sharpcli.pipeline.decision import shows_something
from sharpcli.pipeline.guard import for_frames, for_image
from sharpcli.pipeline.spec import create_enhancer


@pytest.mark.parametrize(("deviation", "something"), [(0, False), (3, False), (8, True)])
def test_a_frame_of_one_tone_shows_nothing(deviation, something):
    levels = np.tile(np.uint8([100 - deviation, 100 + deviation]), (32, 16))
    assert shows_something(levels) == something
    assert shows_something(levels.astype(np.uint16) * 257) == something


def test_small_frames_get_a_network_of_their_own_with_the_same_pixels():
    enhancer = create_enhancer("student-live", {"profile": "deblur", "kind": "gaussian", "blur": "1.5"})
    pixels = np.random.default_rng(0).integers(0, 256, (48, 64, 1), np.uint8)
    one, many = for_image(enhancer, pixels), for_frames(enhancer, pixels)
    assert one.small and not many.small
    assert one.vector == many.vector != Degradation().vector()
    difference = np.abs(one.enhance(pixels).astype(int) - many.enhance(pixels))
    assert difference.max() <= 1  # one is computed with the vector as an input, the other with it built in
    assert (one.enhance(pixels) != pixels).any()
