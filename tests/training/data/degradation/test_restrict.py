import pytest
import torch

from sharpcli_training.data.degradation.draw import FAMILIES, KINDS, draw
from sharpcli_training.data.degradation.restrict import ONLY, restricted

ALL = draw(500, torch.Generator().manual_seed(0), torch.device("cpu"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_specialist_sees_one_kind_of_blur(kind):
    only = restricted(ALL, kind)
    assert only.blur.all()
    assert (only.kind == KINDS.index(kind)).all()
    assert (only.family == FAMILIES.index("blur")).all()
    assert not only.resample.any()
    assert torch.equal(only.noise, ALL.noise)


def test_x2_is_halved_and_doubled_and_nothing_else():
    only = restricted(ALL, "x2")
    assert only.resample.all()
    assert set(only.scale.tolist()) == {2.0}
    assert set(only.phase_y.tolist()) <= {0.0, 1.0}
    assert not (only.blur | only.jpeg | only.jpeg_before | only.recompressed).any()
    assert float(only.noise.sum() + only.sharpen.sum()) == 0


def test_without_a_restriction_the_draw_stays():
    assert restricted(ALL, "") is ALL
    assert set(ONLY) == {*KINDS, "x2"}
