import hashlib
import json

import numpy as np
import pytest

from sharpcli.errors import SharpError
from sharpcli.image.resample import degrade
from sharpcli_training.data.degradations import photo as degrade_photo
from sharpcli_training.data.prepare import PreparePlan, prepare


def test_pairs_are_crops_with_their_degraded_form(packs):
    pairs = np.load(packs / "x2" / "train.npy")
    assert pairs.dtype == np.uint8
    assert pairs.shape[1:] == (2, 128, 128, 3)
    for degraded, reference in pairs:
        np.testing.assert_array_equal(degraded, degrade(reference, 2))


def test_no_image_is_on_both_sides(packs):
    card = json.loads((packs / "x2" / "pack.json").read_text())
    assert (card["images"], card["profile"], card["folders"]) == (11, "x2", {"DIV2K_train_HR": 11})
    train, val = (np.load(packs / "x2" / f"{split}.npy")[:, 1] for split in ("train", "val"))
    assert (len(train), len(val)) == (card["train"], card["val"]) == (9, 2)


def test_the_same_plan_gives_the_same_bytes(packs, images, tmp_path):
    prepare([images], tmp_path / "again", PreparePlan("photo", crops=2), lambda done, total: None)
    for name in ("train.npy", "val.npy", "pack.json"):
        first, second = (hashlib.sha256((root / name).read_bytes()) for root in (packs / "photo", tmp_path / "again"))
        assert first.hexdigest() == second.hexdigest()


def test_photo_degradation_covers_sharp_soft_and_compressed(photo):
    rng = np.random.default_rng(0)
    window = photo[:136, :136]
    pairs = [degrade_photo(window, rng) for _ in range(300)]
    errors = np.array([np.abs(degraded.astype(int) - reference).mean() for degraded, reference in pairs])
    assert 0.05 < np.mean(errors == 0) < 0.2, "some inputs must be sharp, most must not"
    assert errors[errors > 0].min() < 2, "none is degraded lightly"
    assert errors.max() > 6, "none is degraded badly"
    assert len({reference.tobytes() for _, reference in pairs}) > 50, "the crop always lies on the same grid"


@pytest.mark.parametrize(("make", "message"), [(False, "is not a folder"), (True, "no image of at least")])
def test_nothing_to_learn_from_is_an_error(tmp_path, make, message):
    if make:
        (tmp_path / "source").mkdir()
    with pytest.raises(SharpError, match=message):
        prepare([tmp_path / "source"], tmp_path / "out", PreparePlan("x2"), lambda done, total: None)


def test_a_bad_image_is_named(tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    with pytest.raises(SharpError, match=r"bad\.png is not an image"):
        prepare([tmp_path], tmp_path / "out", PreparePlan("x2"), lambda done, total: None)
