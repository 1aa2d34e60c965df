import hashlib
import json
import shutil
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.image.image import BT601
from sharpcli.image.resample import degrade
from sharpcli_training.data.degradations import photo as degrade_photo
from sharpcli_training.data.derived import labels_file, luma_file
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.data.prepare import PreparePlan, prepare
from sharpcli_training.data.sources import is_held_out, photograph


def silent(done, total):
    pass


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
    assert all(is_held_out(photograph(name)) for name in card["held_out"])
    assert len(card["held_out"]) == 2


def test_a_photograph_stays_on_its_side_when_others_are_added(images, tmp_path):
    """And all versions of one photograph lie on the same side."""
    crop = PILImage.open(sorted((images / "DIV2K_train_HR").iterdir())[0])
    held = next(name for name in map("h{}".format, range(100)) if is_held_out(name))
    free = next(name for name in map("f{}".format, range(100)) if not is_held_out(name))
    sides = []
    for names in ((f"{held}_1", f"{held}_2", f"{free}_1"), ("0-in-front", f"{free}_2")):
        for name in names:
            crop.save(tmp_path / f"{name}.png")
        prepare([tmp_path], tmp_path / "pack", PreparePlan("x2", crops=1), silent)
        sides.append(json.loads((tmp_path / "pack" / "pack.json").read_text())["held_out"])
    assert not is_held_out("0-in-front")
    assert sides == [[f"{held}_1.png", f"{held}_2.png"]] * 2


def pairs_of(pack):
    """The training and the held-out pairs, each once."""
    return [{pair.tobytes() for pair in np.load(pack / f"{split}.npy")} for split in ("train", "val")]


def test_other_images_change_nothing_of_what_a_photograph_goes_through(images, tmp_path):
    """Neither one that is added in front, nor one that is taken away, nor where the folder lies."""
    folder = tmp_path / "elsewhere" / "photos"
    shutil.copytree(images / "DIV2K_train_HR", folder)
    prepare([images], tmp_path / "first", PreparePlan("photo", crops=2), silent)
    new = folder / "0-in-front.png"
    PILImage.open(next(folder.iterdir())).transpose(PILImage.Transpose.ROTATE_90).save(new)
    prepare([folder.parent], tmp_path / "more", PreparePlan("photo", crops=2), silent)
    assert not is_held_out(photograph(new.name))
    (train, val), (more_train, more_val) = pairs_of(tmp_path / "first"), pairs_of(tmp_path / "more")
    assert train < more_train
    assert val == more_val
    new.unlink()
    gone = next(path for path in sorted(folder.iterdir()) if not is_held_out(path.stem))
    gone.unlink()
    prepare([folder], tmp_path / "fewer", PreparePlan("photo", crops=2), silent)
    fewer_train, fewer_val = pairs_of(tmp_path / "fewer")
    assert fewer_train < train
    assert val == fewer_val


def test_what_systems_leave_behind_is_passed_over(images, tmp_path):
    folder = tmp_path / "photos"
    shutil.copytree(images / "DIV2K_train_HR", folder)
    (folder / "._0001.png").write_bytes(b"\0\5\x16\7 no image")  # AppleDouble
    (folder / "x.png").mkdir()
    (folder / "Thumbs.db").write_bytes(b"x")
    prepare([folder], tmp_path / "pack", PreparePlan("x2", crops=1), silent)
    assert json.loads((tmp_path / "pack" / "pack.json").read_text())["images"] == 11


def test_planes_and_labels_of_another_pack_in_the_same_folder_are_not_taken(images, tmp_path):
    pack = tmp_path / "pack"
    labels = []
    for profile in ("x2", "photo"):
        prepare([images], pack, PreparePlan(profile, crops=2), silent)
        for split, planes in (("train", Pairs(pack, luma=True).train[0]), ("val", Pairs(pack, luma=True).val)):
            expected = np.rint(np.load(pack / f"{split}.npy") @ BT601)[..., None]
            np.testing.assert_array_equal(planes, expected[: len(planes)])
        labels.append(labels_file(pack, "teacher-x8"))
        assert not labels[-1].exists()
        np.save(labels[-1], np.zeros(1))
    kept = {path.name for path in pack.iterdir()}
    assert sorted(name.split("-")[0] for name in kept if "-" in name) == ["labels", "train", "val"], "old ones are left"
    # What the same images and plan give again is worth keeping.
    prepare([images], pack, PreparePlan("photo", crops=2), silent)
    assert {path.name for path in pack.iterdir()} == kept


def test_planes_of_packs_that_do_not_tell_their_hash_are_told_apart_too(images, tmp_path):
    pack = tmp_path / "pack"
    prepare([images], pack, PreparePlan("x2", crops=2), silent)
    named = luma_file(pack, "train")
    card = json.loads((pack / "pack.json").read_text())
    del card["sha256"]
    (pack / "pack.json").write_text(json.dumps(card))
    assert luma_file(pack, "train") == named
    np.save(pack / "train-luma.npy", np.zeros((9, 2, 128, 128, 1), np.uint8))
    assert Pairs(pack, luma=True).train[0].any()


def test_a_pack_that_was_not_finished_is_none(images, tmp_path, monkeypatch):
    pack = tmp_path / "pack"
    prepare([images], pack, PreparePlan("x2", crops=1), silent)
    before = (pack / "train.npy").read_bytes()

    def stop(done, total):
        if done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare([images], pack, PreparePlan("photo", crops=1), stop)
    assert (pack / "train.npy").read_bytes() == before
    assert Pairs(pack).card["profile"] == "x2"

    def full(chunks, path):
        raise OSError("disk full")

    monkeypatch.setattr("sharpcli_training.data.prepare._join", full)
    with pytest.raises(OSError, match="disk full"):
        prepare([images], pack, PreparePlan("photo", crops=1), silent)
    with pytest.raises(SharpError, match="is not a pack"):
        Pairs(pack)


def test_grey_pairs_come_last_and_an_rgb_network_never_sees_them(sharpcli, images, tmp_path):
    paths = [path for path in sorted((images / "DIV2K_train_HR").iterdir()) if PILImage.open(path).mode == "RGB"]
    for path in paths[-4:]:
        PILImage.open(path).save(tmp_path / path.name)
        PILImage.open(path).convert("L").convert("RGB").save(tmp_path / f"0-{path.name}")
    done = sharpcli("train", "prepare", tmp_path, "-o", tmp_path / "pack", "--crops", 1)
    assert "4 images are grey" in done.stderr
    colors, planes = Pairs(tmp_path / "pack"), Pairs(tmp_path / "pack", luma=True)
    assert len(planes.val) + planes.drawn[0] == 8
    assert (len(colors.val), colors.drawn) == (2, [2])
    for step in range(20):
        inputs, _, _ = colors.batch(step, 0, 4, 64)
        assert (inputs.amax(1) - inputs.amin(1)).amax((1, 2)).min() > 0.05
    for inputs, _ in colors.validation(16):
        assert (inputs.amax(1) - inputs.amin(1)).amax((1, 2)).min() > 10


def test_a_grey_pack_is_refused_to_an_rgb_network(images, tmp_path):
    for path in sorted((images / "DIV2K_train_HR").iterdir()):
        PILImage.open(path).convert("L").save(tmp_path / path.name)
    prepare([tmp_path], tmp_path / "pack", PreparePlan("x2", crops=1), silent)
    assert Pairs(tmp_path / "pack", luma=True).drawn == [9]
    with pytest.raises(SharpError, match="are grey"):
        Pairs(tmp_path / "pack")


def test_the_pack_says_what_each_held_out_crop_went_through(packs):
    for profile in ("x2", "photo"):
        card = json.loads((packs / profile / "pack.json").read_text())
        kinds = Pairs(packs / profile, luma=True).kinds
        assert len(kinds) == card["val"]
        for kind, (degraded, reference) in zip(kinds, np.load(packs / profile / "val.npy"), strict=True):
            assert (kind == "sharp") == np.array_equal(degraded, reference)


def test_the_same_plan_gives_the_same_bytes_in_processes_of_their_own(packs, images, tmp_path, monkeypatch):
    monkeypatch.setattr("sharpcli_training.data.prepare.ProcessPoolExecutor", ProcessPoolExecutor)
    prepare([images], tmp_path / "again", PreparePlan("photo", crops=2), lambda done, total: None)
    for name in ("train.npy", "val.npy", "pack.json"):
        first, second = (hashlib.sha256((root / name).read_bytes()) for root in (packs / "photo", tmp_path / "again"))
        assert first.hexdigest() == second.hexdigest()


def test_photo_degradation_covers_sharp_soft_and_compressed(photo):
    rng = np.random.default_rng(0)
    window = photo[:136, :136]
    pairs = [degrade_photo(window, rng)[:2] for _ in range(300)]
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


def test_only_held_out_images_are_an_error(images, tmp_path):
    held = next(path for path in sorted((images / "DIV2K_train_HR").iterdir()) if is_held_out(path.stem))
    (tmp_path / "in").mkdir()
    shutil.copy(held, tmp_path / "in")
    with pytest.raises(SharpError, match="held out"):
        prepare([tmp_path / "in"], tmp_path / "out", PreparePlan("x2"), silent)


def test_a_bad_image_is_named(tmp_path):
    (tmp_path / "bad.png").write_text("not an image")
    with pytest.raises(SharpError, match=r"bad\.png is not an image"):
        prepare([tmp_path], tmp_path / "out", PreparePlan("x2"), lambda done, total: None)
