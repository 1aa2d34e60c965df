import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import uniform_filter

from sharpcli.pipeline.tiling import tiled


def blurred(pixels, radius):
    """Depends on exactly `receptive_radius` pixels around; zero outside, as convolutions pad."""
    return uniform_filter(pixels, size=(2 * radius + 1, 2 * radius + 1, 1), mode="constant").astype(pixels.dtype)


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    radius=st.integers(0, 9),
    tile=st.integers(1, 40),
    multiple=st.sampled_from([1, 2, 8]),
)
def test_tiles_give_what_the_whole_image_gives(height, width, radius, tile, multiple):
    pixels = np.random.default_rng(height * width).random((height, width, 3))
    seen = []

    def function(part):
        seen.append(part.shape)
        return blurred(part, radius)

    result = tiled(function, pixels, radius, multiple, tile)
    np.testing.assert_allclose(result, blurred(pixels, radius), atol=1e-9)
    assert all(max(shape[:2]) <= tile + 2 * radius + 2 * multiple for shape in seen)


def test_tiles_start_where_a_network_that_shrinks_its_input_needs_them():
    """Averages of 8 x 8 blocks: only tiles cut at multiples of 8 find the same blocks."""

    def blocks(part):
        means = part.reshape(part.shape[0] // 8, 8, part.shape[1] // 8, 8, 1).mean((1, 3), keepdims=True)
        return np.broadcast_to(means, (part.shape[0] // 8, 8, part.shape[1] // 8, 8, 1)).reshape(part.shape)

    pixels = np.random.default_rng(0).random((64, 80, 1))
    np.testing.assert_allclose(tiled(blocks, pixels, 8, 8, tile=20), blocks(pixels))


@pytest.mark.parametrize("size", [(2000, 1), (3, 5)])
def test_without_a_receptive_radius_the_whole_image_is_seen_at_once(size):
    shapes = []

    def function(part):
        shapes.append(part.shape)
        return part

    tiled(function, np.zeros((*size, 1)), None, tile=16)
    assert shapes == [(*size, 1)]


@pytest.mark.parametrize(("length", "multiple", "sizes"), [(1000, 2, 1), (4096, 8, 1), (999, 2, 2)])
def test_all_tiles_are_shown_as_much(length, multiple, sizes):
    """An engine keeps memory for each size that it meets; only an odd end may need one of its own."""
    seen = set()

    def function(part):
        seen.add(part.shape[0])
        return part

    tiled(function, np.zeros((length, 8, 1)), 5, multiple, tile=130)
    assert len(seen) == sizes
