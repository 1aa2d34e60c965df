"""The unsharp mask by itself; that its wheel is found and used is tested in the project."""

import numpy as np

from sharpcli.testing import receptive_field, run_enhancer, sample_image
from sharpcli_unsharp import UnsharpMask


def floats(size):
    return np.float32(sample_image(size, "L")) / 255


def test_nothing_is_added_where_nothing_is_asked_for_or_there():
    pixels = floats((64, 48))
    np.testing.assert_array_equal(run_enhancer(UnsharpMask(amount=0), pixels), pixels)
    flat = np.full((32, 32, 1), 0.4, np.float32)
    np.testing.assert_allclose(run_enhancer(UnsharpMask(amount=3), flat), flat, atol=1e-6)


def test_an_edge_gets_steeper():
    edge = np.tile(np.linspace(0.4, 0.6, 5, dtype=np.float32).repeat([10, 1, 1, 1, 10]), (20, 1))[..., None]
    result = run_enhancer(UnsharpMask(amount=1), edge)
    assert np.diff(result[10, :, 0]).max() > np.diff(edge[10, :, 0]).max()


def test_it_looks_no_farther_than_it_says():
    assert 2 <= receptive_field(UnsharpMask().enhance, floats((64, 64))).any <= UnsharpMask.receptive_radius
