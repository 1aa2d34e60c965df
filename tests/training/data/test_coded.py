import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image

from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degraded import CODED, CROP, NEAREST, degraded_batch
from sharpcli_training.data.originals import PackPlan, pack_originals
from sharpcli_training.data.pack_index import IMAGES, Coded, read_coded, read_index
from sharpcli_training.data.resident import Resident
from sharpcli_training.data.sources import is_held_out
from tests.training.conditioned import images, make_pack

CPU = torch.device("cpu")
FREE = [name for name in map("f{}".format, range(20)) if not is_held_out(name)]


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """Two squares as WebP and one as a frame of a video, and the held-out image's as WebP."""
    pytest.importorskip("av", reason="PyAV is not installed")
    return make_pack(tmp_path_factory.mktemp("coded"), coded=3, video=True)


@pytest.fixture
def resident(pack):
    return Resident.of(pack, "train", False, CPU)


def crops(resident, batch=64):
    return resident.bank.crops(batch, CROP, NEAREST, torch.Generator().manual_seed(1))


def test_a_pack_tells_what_its_coded_squares_went_through(pack):
    card, entries = read_index(pack)
    coded = read_coded(pack)
    assert card["coded"] == {"h264": 1, "webp": 3}
    assert [entries[one.image].split for one in coded] == [one.split for one in coded]
    for one in coded:
        assert (one.side, one.top, one.left) == (200, 0, 0)
        assert set(one.draw) == {field.name for field in dataclasses.fields(Draw)}
        assert not one.draw["jpeg"], "the codec is its last compression"
        assert 50 <= one.quality <= 95 if one.codec == "webp" else 0.01 < one.quality < 1
        assert one.draw["coded"] == (1 if one.codec == "webp" else 2)


@pytest.mark.parametrize("color", [False, True])
def test_coded_crops_show_the_same_place_as_their_references(pack, color):
    degraded, reference, draw = crops(Resident.of(pack, "train", color, CPU))
    assert degraded.shape == reference.shape == (64, 3 if color else 1, CROP, CROP)
    error = (degraded - reference)[..., 4:-4, 4:-4].square().mean((1, 2, 3))
    for moved in ((4, 0), (-4, 0), (0, 4), (0, -4)):
        elsewhere = (degraded - reference.roll(moved, (2, 3)))[..., 4:-4, 4:-4].square().mean((1, 2, 3))
        assert (error < elsewhere).float().mean() > 0.9
    assert set(draw.coded.tolist()) == {1, 2}


def test_a_coded_crop_and_its_reference_are_cut_at_one_place_away_from_the_squares_border():
    """The square lies somewhere in the second of two images, and is brighter by one."""
    rows = np.add.outer(np.arange(170), np.zeros(200, int)).astype(np.uint8)
    columns = np.add.outer(np.zeros(170, int), np.arange(200)).astype(np.uint8)
    second, (top, left, side) = np.stack((rows, columns, rows // 2)), (9, 17, 152)
    square = second[:, top : top + side, left : left + side] + 1
    one = Coded(
        top=top, left=left, side=side, codec="webp", quality=80, draw={"sigma": 1.25, "coded": 1},
        split="train", image=1, offset=0, bytes=0,
    )  # fmt: skip
    resident = Resident([np.zeros((3, 150, 150), np.uint8), second], CPU, [square], [one])
    degraded, reference, draw = crops(resident, 200)
    assert torch.equal(degraded, reference + 1)
    assert float(draw.sigma[7]) == 1.25
    assert not draw.blur.any(), "what the pack does not tell of did not happen"
    for channel, start in ((0, top), (1, left)):
        first = reference[:, channel, 0, 0] - start
        assert set(first.tolist()) == set(range(NEAREST, side - CROP - NEAREST + 1))


def test_a_batch_takes_its_share_from_the_bank_and_its_draws_with_it(pack, resident):
    batch = degraded_batch(resident, 800, torch.Generator().manual_seed(0))
    coded = batch.draw.coded > 0
    assert float(coded.float().mean()) == pytest.approx(CODED, abs=0.03)
    known = {(one.draw["sigma"], one.draw["noise"], one.draw["coded"]) for one in read_coded(pack)}
    told = zip(*(getattr(batch.draw, name)[coded].tolist() for name in ("sigma", "noise", "coded")), strict=True)
    assert set(told) <= known
    again = degraded_batch(resident, 800, torch.Generator().manual_seed(0))
    assert torch.equal(batch.degraded, again.degraded)
    assert not degraded_batch(resident, 200, torch.Generator().manual_seed(0), "disc").draw.coded.any()


def test_without_coded_squares_nothing_is_coded():
    assert not degraded_batch(images(), 100, torch.Generator().manual_seed(0)).draw.coded.any()


def test_the_same_seed_gives_the_same_pack_and_another_one_others(pack, tmp_path):
    packs = [make_pack(tmp_path / str(seed), coded=3, video=True, seed=seed) for seed in (0, 1)]
    first, same, other = ((one / IMAGES).read_bytes() for one in (pack, *packs))
    assert first == same
    assert first != other
    assert read_index(pack) == read_index(packs[0])


def test_coded_squares_count_towards_the_size(tmp_path):
    whole = (make_pack(tmp_path / "whole", coded=5) / IMAGES).stat().st_size
    part = make_pack(tmp_path / "part", coded=5, max_mib=0.7 * whole / 2**20)
    assert (part / IMAGES).stat().st_size <= 0.7 * whole
    card, entries = read_index(part)
    assert card["full"]
    assert len(read_coded(part)) == len(entries)


def test_images_too_small_for_a_window_are_not_coded(tmp_path, photo):
    for number, side in enumerate((143, 144)):
        Image.fromarray(photo[:side, :200]).save(tmp_path / f"{FREE[number]}_0.png")
    pack_originals(tmp_path, tmp_path / "pack", PackPlan(coded=2), lambda done, total: None)
    assert [one.side for one in read_coded(tmp_path / "pack")] == [144]


@pytest.mark.parametrize("codec", ["h264", "vp8", "vp9"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_last_frame_comes_back_in_its_place_at_its_brightness_and_better_for_more_bits(photo, codec, channels):
    codecs = pytest.importorskip("sharpcli_training.data.call_codecs", reason="PyAV is not installed")
    from sharpcli_training.data.coded_video import last_frame

    levels = torch.from_numpy(photo[:192, :192, :channels].copy()).permute(2, 0, 1).float()
    frames = [levels.roll(number, 2) for number in reversed(range(12))]
    errors = []
    for share in (0.0, 1.0):
        last, again = (last_frame(frames, codec, codecs.rate_of_call(192 * 192, share), 15) for _ in range(2))
        assert torch.equal(last, again)
        assert last.shape == levels.shape
        errors.append(float((last - levels).square().mean()))
    assert abs(float((last - levels).mean())) < 0.5
    assert errors[1] < errors[0] < 500
    assert float((last - frames[-2]).square().mean()) > errors[1]
