import json

import numpy as np
import pytest
import torch
from PIL import Image

from sharpcli.errors import SharpError
from sharpcli_training.data.degraded import CROP, degraded_batch
from sharpcli_training.data.originals import PackPlan, pack_originals
from sharpcli_training.data.pack_index import read_index
from sharpcli_training.data.resident import WINDOW, Resident
from sharpcli_training.data.sources import is_held_out

CPU = torch.device("cpu")
NUMBERS = range(6, 18)
"""Of photographs, some of which are held out by the hash of their name."""


def quiet(done, total):
    pass


@pytest.fixture
def source(tmp_path, photo):
    """Twelve photographs, two crops each."""
    root = tmp_path / "source"
    for index in NUMBERS:
        folder = root / ("a" if index % 2 else "b")
        folder.mkdir(parents=True, exist_ok=True)
        for part in range(2):
            Image.fromarray(photo[part : part + 160, 10 * index : 10 * index + 170]).save(
                folder / f"p{index}_{part}.png"
            )
    return root


def test_a_photograph_is_held_out_with_all_its_crops(source, tmp_path):
    card = pack_originals(source, tmp_path / "pack", PackPlan(), quiet)
    held = {"p13", "p17"}
    _, entries = read_index(tmp_path / "pack")
    assert {name for name in map("p{}".format, NUMBERS) if is_held_out(name)} == held
    assert {entry.photograph for entry in entries if entry.split == "val"} == held
    assert {entry.photograph for entry in entries if entry.split == "train"} == {
        f"p{index}" for index in NUMBERS
    } - held
    assert card["val"] == 2 * len(held)
    assert card["sets"] == {"a": 12, "b": 12}


def test_a_csv_may_say_what_each_file_shows(source, tmp_path):
    table = tmp_path / "sources.csv"
    held = next(name for name in map(str, range(100)) if is_held_out(name))
    free = next(name for name in map(str, range(100)) if not is_held_out(name))
    table.write_text(f"file,photograph\na/p9_0.png,{held}\na/p11_0.png,{free}\n")
    card = pack_originals(source, tmp_path / "pack", PackPlan(photographs=table), quiet)
    assert (card["train"], card["val"]) == (1, 1)


def test_what_systems_leave_behind_is_no_original(source, tmp_path):
    (source / "a" / "._p9_0.png").write_bytes(b"no image")
    (source / "a" / "folder.png").mkdir()
    assert pack_originals(source, tmp_path / "pack", PackPlan(), quiet)["sets"] == {"a": 12, "b": 12}


def test_the_same_images_give_the_same_pack_and_shares_and_size_bound_it(source, tmp_path):
    packs = [tmp_path / name for name in ("one", "two", "small", "part")]
    for pack in packs[:2]:
        pack_originals(source, pack, PackPlan(), quiet)
    assert (packs[0] / "images.bin").read_bytes() == (packs[1] / "images.bin").read_bytes()
    size = (packs[0] / "images.bin").stat().st_size
    card = pack_originals(source, packs[2], PackPlan(max_mib=0.8 * size / 2**20), quiet)
    assert card["full"]
    assert (packs[2] / "images.bin").stat().st_size <= 0.8 * size
    _, entries = read_index((pack_originals(source, packs[3], PackPlan(shares={"a": 0}), quiet), packs[3])[1])
    assert {entry.file[0] for entry in entries if entry.split == "train"} == {"b"}


@pytest.mark.parametrize("content", [None, "{}", json.dumps({"card": {}, "images": [{"no": 1}]})])
def test_a_folder_without_a_pack_says_what_makes_one(tmp_path, content):
    if content is not None:
        (tmp_path / "index.json").write_text(content)
    with pytest.raises(SharpError, match="train originals"):
        read_index(tmp_path)


def test_an_image_that_cannot_be_read_is_named(source, tmp_path):
    (source / "a" / "p9_0.png").write_bytes(b"no image")
    with pytest.raises(SharpError, match=r"p9_0\.png cannot be read"):
        pack_originals(source, tmp_path / "pack", PackPlan(), quiet)


def test_windows_are_parts_of_the_images_turned_and_mirrored():
    image = np.arange(WINDOW * (WINDOW + 2), dtype=np.uint32).reshape(WINDOW, WINDOW + 2)
    low = (image % 251).astype(np.uint8)
    windows = Resident([low[None]], CPU).windows(200, torch.Generator().manual_seed(0))
    expected = set()
    for left in range(3):
        part = low[:, left : left + WINDOW]
        expected |= {np.rot90(each, turns).tobytes() for each in (part, part[:, ::-1]) for turns in range(4)}
    found = {window[0].numpy().astype(np.uint8).tobytes() for window in windows}
    assert found == expected
    assert len(found) == 24


def test_color_windows_keep_their_channels_together(photo):
    planes = np.ascontiguousarray(np.moveaxis(photo[:150, :160], 2, 0))
    planes[1] = planes[0] // 2
    windows = Resident([planes], CPU).windows(4, torch.Generator().manual_seed(0))
    assert torch.equal(windows[:, 1], (windows[:, 0] / 2).floor())


def test_a_batch_comes_from_the_generator_alone(photo):
    images = Resident([np.ascontiguousarray(photo[:200, :200, 0])[None]], CPU)
    first, again = (degraded_batch(images, 4, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first.degraded, again.degraded)
    assert first.reference.shape == (4, 1, CROP, CROP)
    assert 0 <= float(first.degraded.min()) <= float(first.degraded.max()) <= 1


def test_images_that_are_too_small_are_told(tmp_path, photo):
    (tmp_path / "small").mkdir()
    names = (name for name in (f"p{index}" for index in range(9)) if not is_held_out(name))
    Image.fromarray(photo[:100, :100]).save(tmp_path / "small" / f"{next(names)}_0.png")
    pack_originals(tmp_path / "small", tmp_path / "pack", PackPlan(), quiet)
    with pytest.raises(SharpError, match="144 pixels"):
        Resident.of(tmp_path / "pack", "train", False, CPU)
