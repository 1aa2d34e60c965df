"""Luma whose changes are compared, of frames of all kinds of pixels."""

import numpy as np
import pytest

from sharpcli.scoring.clips.motion import changes, luma_of
from tests.helpers.frames import frame_of


@pytest.mark.parametrize(("name", "white"), [("gbrp", 255), ("bgra", 255), ("gray16le", 65535), ("gray10be", 1023)])
def test_a_change_from_black_to_white_is_255_levels(name, white):
    def flat(value):
        count = {"gbrp": 3, "bgra": 4}.get(name, 1)
        return frame_of(name, [np.full((32, 32), value)] * count, color_range=2)

    sums, still = changes(luma_of(flat(white)), luma_of(flat(0)))
    assert sums.sum() == pytest.approx(255 * 32 * 32, rel=0.01)
    assert not still.any()
