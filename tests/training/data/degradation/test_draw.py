from dataclasses import asdict

import pytest
import torch

from sharpcli_training.data.degradation.draw import FAMILIES, SHARES, draw
from sharpcli_training.data.degradation.restrict import ONLY, X2, restricted
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.networks.vector import LAYOUT, LENGTH
from tests.training.degradations import drawn

CPU = torch.device("cpu")


def draws(seed, batch=64):
    return asdict(draw(batch, torch.Generator().manual_seed(seed), CPU))


def test_draws_depend_on_the_generator_alone():
    first = draws(3)
    torch.manual_seed(17)
    again, other = draws(3), draws(4)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["scale"], other["scale"])


def test_families_come_as_often_as_their_shares_say():
    family = draws(0, 20_000)["family"]
    for index, share in enumerate(SHARES):
        assert float((family == index).float().mean()) == pytest.approx(share, abs=0.012), FAMILIES[index]


def test_each_family_is_what_its_name_says():
    got = draws(1, 5000)
    of = {name: got["family"] == index for index, name in enumerate(FAMILIES)}
    degraded = got["blur"] | got["resample"] | (got["noise"] > 0) | got["jpeg"] | (got["sharpen"] > 0)
    assert not degraded[of["sharp"]].any()
    assert got["jpeg"][of["sharp_jpeg"]].all()
    assert not (got["blur"] | got["resample"])[of["sharp_jpeg"] | of["noise"]].any()
    assert got["blur"][of["blur"] | of["both"]].all()
    assert got["resample"][of["resampled"] | of["both"]].all()
    assert (got["noise"][of["noise"]] > 0).all()
    assert (got["scale"][of["touched"]] < 1.25).all()


def test_some_resampled_images_are_resampled_twice():
    got = draws(2, 20_000)
    resampled = (got["family"] == FAMILIES.index("resampled")) | (got["family"] == FAMILIES.index("both"))
    assert not got["twice"][~resampled].any()
    assert float(got["twice"][resampled].float().mean()) == pytest.approx(0.15, abs=0.02)
    reduced = got["twice_scale"] > 1
    factor = torch.where(reduced, got["twice_scale"], 1 / got["twice_scale"])
    assert 1.25 <= factor.min() < 1.26
    assert 1.99 < factor.max() <= 2
    assert float(reduced.float().mean()) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("only", ONLY)
def test_one_degradation_alone_is_resampled_at_most_once(only):
    alone = restricted(draw(200, torch.Generator().manual_seed(5), CPU), only)
    assert not alone.twice.any()
    assert alone.resample.all() == (only == X2)


def test_the_vector_does_not_say_whether_an_image_was_resampled_twice():
    once, twice = (vector(drawn(resample=True, scale=3.0, twice=twice)) for twice in (False, True))
    assert torch.equal(once, twice)


def test_the_vector_of_nothing_is_zero():
    assert torch.equal(vector(drawn(3)), torch.zeros(3, LENGTH))


def test_the_vector_says_what_happened_where_the_shipped_files_expect_it():
    said = dict(zip(LAYOUT, vector(drawn(blur=True, sigma=1.5, noise=3.0, jpeg=True, quality=75))[0], strict=True))
    expected = {"gaussian": 1, "sigma": 1.5, "noise": 1, "jpeg": 1, "jpeg_loss": 1}
    assert {name: float(value) for name, value in said.items() if value} == expected
    both = vector(drawn(2, blur=True, kind=[1, 2], radius=3.0, length=8.0, resample=True, scale=2.0, up=1, down=3))
    assert both[0, 6] == 1.5
    assert both[1, 7:9].tolist() == [2, 2]
    assert both[0, 11:20].tolist() == pytest.approx([1, 1.386, 0, 1, 0, 0, 0, 0, 1], abs=1e-3)
    assert len(LAYOUT) == LENGTH == 29
