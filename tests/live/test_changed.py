"""The step that runs only what changed."""

import numpy as np
import pytest

from sharpcli.live.changed import Changed


class Counted:
    def __init__(self):
        self.pixels = 0

    def __call__(self, pixels):
        self.pixels += pixels.shape[0] * pixels.shape[1]
        return np.where(pixels > 200, pixels, pixels + 20).astype(pixels.dtype)


def picture(seed=0, shape=(384, 768, 1), dtype=np.uint8):
    return np.random.default_rng(seed).integers(30, 150, shape).astype(dtype)


def settled(parts, pixels):
    for _ in range(8):  # a share of the tiles a frame
        result = parts(pixels)
    return result


@pytest.mark.parametrize("channels", [1, 3])
def test_a_still_picture_is_enhanced_as_a_whole_after_some_frames_and_then_costs_nothing(channels):
    function, still = Counted(), picture(shape=(384, 768, channels))
    parts = Changed(function, 2, 2)
    assert np.array_equal(settled(parts, still), still + 20)
    function.pixels = 0
    assert np.array_equal(parts(still), still + 20)
    assert function.pixels == 0


def test_no_frame_costs_more_than_a_share_of_the_picture():
    function = Counted()
    parts = Changed(function, 2, 2)
    for seed in range(5):
        function.pixels = 0
        parts(picture(seed) if seed % 2 else picture(seed) // 4)
        assert 0 < function.pixels <= 0.5 * 384 * 768


def test_what_moved_is_enhanced_anew_and_noise_elsewhere_stays_as_the_camera_gave_it():
    function, before = Counted(), picture()
    parts = Changed(function, 2, 2)
    settled(parts, before)
    noise = np.random.default_rng(1).integers(-2, 3, before.shape)
    after = (before + noise).astype(np.uint8)
    after[140:200, 300:400] = 10
    function.pixels = 0
    assert np.array_equal(parts(after), after + 20)
    assert 0 < function.pixels < 0.4 * 384 * 768


def test_the_central_one_leaves_the_edges_alone():
    still = picture(shape=(720, 1280, 1))
    result = settled(Changed(Counted(), 2, 2, central=True), still)
    assert np.array_equal(result[190:350, 330:950], still[190:350, 330:950] + 20)
    assert np.array_equal(result[:8], still[:8])
    assert np.array_equal(result[-8:], still[-8:])


def test_a_camera_that_changes_its_size_begins_anew():
    parts = Changed(Counted(), 2, 2)
    settled(parts, picture())
    other = picture(3, (120, 160, 1), np.uint16)
    assert np.array_equal(settled(parts, other), other + 20)
