"""Batches against slicing and NumPy's own turns."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sharpcli_training.data.pairs import Pairs
from sharpcli_training.data.turns import TURNS, turned, turned_back


@pytest.fixture(scope="module")
def two_packs(tmp_path_factory):
    """Random levels; the second pack has other numbers than the first, and labels to both."""
    root, rng = tmp_path_factory.mktemp("levels"), np.random.default_rng(0)
    for name, count in (("a", 5), ("b", 3)):
        (root / name).mkdir()
        np.save(root / name / "train.npy", rng.integers(0, 256, (count, 2, 128, 128, 3), dtype=np.uint8))
        np.save(root / name / "val.npy", rng.integers(0, 256, (7, 2, 128, 128, 3), dtype=np.uint8))
        (root / name / "pack.json").write_text(json.dumps({"train": count, "val": 7}))
    pairs = Pairs(root / "a", unpaired=root / "b")
    pairs.labels = [rng.random((count, 128, 128)).astype(np.float16) for count in (5, 3)]
    return pairs


def all_ways(square):
    """The square, H x W x ..., in each of its eight ways."""
    quarters = [np.rot90(square, turn) for turn in range(4)]
    return quarters + [quarter[:, ::-1] for quarter in quarters]


def found(crop, rows):
    """Every (row, top, left, turn) at which this turned crop, H x W x C, lies in the rows, N x H x W x C."""
    places = []
    side = len(crop)
    for turn, way in enumerate(all_ways(crop)):
        starts = (rows[:, : 129 - side, : 129 - side] == way[0, 0]).all(3)
        for row, top, left in zip(*starts.nonzero(), strict=True):
            if np.array_equal(rows[row, top : top + side, left : left + side], way):
                places.append((row, top, left, turn))
    return places


def test_a_batch_is_cut_from_one_place_of_input_reference_and_label(two_packs):
    inputs, references, labels = two_packs.batch(3, 0, 12, 40)
    all_pairs = np.concatenate(two_packs.train)
    all_labels = np.concatenate(two_packs.labels)[..., None]
    seen = set()
    for crops in zip(inputs, references, labels, strict=True):
        low, high, label = (crop.permute(1, 2, 0).numpy() for crop in crops)
        places = found((255 * low).round().astype(np.uint8), all_pairs[:, 0])
        assert len(places) == 1
        assert places == found((255 * high).round().astype(np.uint8), all_pairs[:, 1])
        assert places == found(label.astype(np.float16), all_labels)
        _, top, left, _ = places[0]
        assert top % 2 == left % 2 == 0
        seen.add((places[0][0] >= 5, places[0][3]))
    assert {first for first, _ in seen} == {False, True}, "one pack is never drawn from"
    assert len({turn for _, turn in seen}) > 3


def test_batches_hang_on_seed_and_step_alone_and_slices_make_the_whole(two_packs):
    whole = two_packs.batch(5, 1, 7, 32)
    parts = [two_packs.batch(5, 1, 7, 32, part) for part in (slice(0, 3), slice(3, 7))]
    for index, tensor in enumerate(whole):
        assert torch.equal(tensor, torch.cat([part[index] for part in parts]))
    assert not torch.equal(whole[0], two_packs.batch(6, 1, 7, 32)[0])
    assert not torch.equal(whole[0], two_packs.batch(5, 2, 7, 32)[0])


def test_every_held_out_pair_is_validated_on(two_packs):
    inputs, references = (torch.cat(parts) for parts in zip(*two_packs.validation(3), strict=True))
    assert inputs.dtype == torch.uint8
    assert torch.equal(inputs.permute(0, 2, 3, 1), torch.from_numpy(np.array(two_packs.val[:, 0])))
    assert torch.equal(references.permute(0, 2, 3, 1), torch.from_numpy(np.array(two_packs.val[:, 1])))


@given(st.lists(st.integers(0, TURNS - 1), min_size=1, max_size=9), st.integers(1, 6))
def test_turning_is_numpys_and_can_be_undone(turns, side):
    crops = torch.randint(0, 256, (len(turns), 2, side, side), dtype=torch.uint8)
    there = turned(crops, torch.tensor(turns))
    for crop, result, turn in zip(crops, there, turns, strict=True):
        expected = all_ways(crop.permute(1, 2, 0).numpy())[turn]
        np.testing.assert_array_equal(result.permute(1, 2, 0).numpy(), expected)
    assert torch.equal(turned_back(there, torch.tensor(turns)), crops)
