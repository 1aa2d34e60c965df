"""The unsharp mask by itself; that its wheel is found and used is tested in the project."""

import numpy as np

from sharpcli.image.sample import photograph
from sharpcli.measure.receptive_field import measured_reach
from sharpcli.pipeline.guard import call
from sharpcli_unsharp import UnsharpMask


def floats(size):
    return np.float32(photograph(size, "L").pixels) / 255


def test_nothing_is_added_where_nothing_is_asked_for_or_there():
    pixels = floats((64, 48))
    np.testing.assert_array_equal(call(UnsharpMask(amount=0), pixels), pixels)
    flat = np.full((32, 32, 1), 0.4, np.float32)
    np.testing.assert_allclose(call(UnsharpMask(amount=3), flat), flat, atol=1e-6)


def test_an_edge_gets_steeper():
    edge = np.tile(np.linspace(0.4, 0.6, 5, dtype=np.float32).repeat([10, 1, 1, 1, 10]), (20, 1))[..., None]
    result = call(UnsharpMask(amount=1), edge)
    assert np.diff(result[10, :, 0]).max() > np.diff(edge[10, :, 0]).max()


def test_it_looks_no_farther_than_it_says():
    assert 2 <= measured_reach(UnsharpMask().enhance, floats((64, 64))).any <= UnsharpMask.reach
