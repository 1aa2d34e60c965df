"""A pack of calls: what each run of frames went through is known, and consecutive frames lie at one place."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from skimage import data

from sharpcli.errors import SharpError
from sharpcli_training.data.call_frames import CallFrames, video_loss
from sharpcli_training.data.call_index import FRAMES, Call, Line, read_calls
from sharpcli_training.data.calls import STRIDE, CallPlan, make_calls, source
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.sources import is_held_out
from sharpcli_training.networks.vector import LAYOUT

pytest.importorskip("av", reason="PyAV is not installed")
from tests.training.clips import write_clip

CPU = torch.device("cpu")
FREE, HELD = (
    next(name for name in map("c{}".format, range(100)) if is_held_out(name) is held) for held in (False, True)
)


def quiet(done, total):
    pass


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """One clip to train on and one held out, in which a photograph moves by two pixels a frame."""
    root = tmp_path_factory.mktemp("clips")
    for name in (FREE, HELD):
        write_clip(root / f"{name}.mp4", np.ascontiguousarray(data.astronaut()[:192, 100:340]), frames=30)
    return root


@pytest.fixture(scope="module")
def pack(clips, tmp_path_factory):
    out = tmp_path_factory.mktemp("pack")
    counts = make_calls(clips, None, out, CallPlan(24), quiet)
    assert counts == {"train": 12, "val": 12}
    return out


def stored(pack, call):
    """The frames of a run and their references, each one below the other, as they lie in the pack."""
    content = (pack / FRAMES).read_bytes()
    parts = [content[call.offset :][: call.came], content[call.offset + call.came :][: call.due]]
    paths = [pack / "came.webp", pack / "due.webp"]
    for path, part in zip(paths, parts, strict=True):
        path.write_bytes(part or parts[0])
    return [np.asarray(Image.open(path).convert("L")).astype(float) for path in paths]


def test_the_index_says_what_each_run_went_through(clips, pack):
    card, calls = read_calls(pack)
    assert (card["profile"], card["train"], card["val"], card["sets"]) == ("call", 12, 12, {clips.name: 2})
    assert {(call.source, call.split) for call in calls} == {(FREE, "train"), (HELD, "val")}
    assert {call.line.codec for call in calls} == {"", "h264", "vp8", "vp9"}
    assert {call.line.scale for call in calls} == {1.0, 1.5, 2.0, 3.0}
    for call in calls:
        degraded, reference = stored(pack, call)
        assert reference.shape == (2 * call.height, call.width)
        assert degraded.shape == tuple(round(side / call.line.scale) for side in reference.shape)
        assert bool(call.line.shrink) == bool(call.line.enlarge) == (call.line.scale > 1)
        assert bool(call.line.codec) == (call.line.error > 0) == (call.due > 0)


def test_what_coding_cost_is_what_the_frames_differ_by(pack):
    """Where nothing was shrunk and no camera added anything, the reference is what was sent."""
    found = 0
    for call in read_calls(pack)[1]:
        if call.line.codec and call.line.scale == 1 and not call.line.noise:
            degraded, reference = stored(pack, call)
            assert np.sqrt(np.square(degraded - reference).mean()) == pytest.approx(call.line.error, rel=0.3, abs=0.7)
            found += 1
    assert found


def test_the_same_plan_makes_the_same_pack(clips, pack, tmp_path):
    make_calls(clips, None, tmp_path, CallPlan(4), quiet)
    few = (tmp_path / FRAMES).read_bytes()
    assert few == (pack / FRAMES).read_bytes()[: len(few)]
    assert read_calls(tmp_path)[1] == read_calls(pack)[1][: len(read_calls(tmp_path)[1])]


def test_a_pack_stops_growing_at_its_size(clips, tmp_path):
    make_calls(clips, None, tmp_path, CallPlan(8, max_mib=0.1), quiet)
    assert 0.05 * 2**20 < (tmp_path / FRAMES).stat().st_size <= 0.1 * 2**20
    assert 0 < len(read_calls(tmp_path)[1]) < 8


def test_every_still_comes_up_before_one_comes_up_again():
    films, images = [Path("a.mp4"), Path("b.mp4")], [Path(f"{number}.png") for number in range(30)]
    drawn = [source(films, images, number) for number in range(90)]
    assert Counter(drawn) == {**dict.fromkeys(films, 30), **dict.fromkeys(images, 1)}
    assert drawn[2::3][:2] == [images[0], images[STRIDE % 30]]
    assert [source(films, [], number) for number in range(3)] == [films[0], films[1], films[0]]


def test_stills_pan_and_zoom(clips, tmp_path):
    (tmp_path / "stills").mkdir()
    Image.fromarray(data.coffee()[:300, :300]).save(tmp_path / "stills" / f"{FREE}.png")
    make_calls(clips, tmp_path / "stills", tmp_path / "pack", CallPlan(3), quiet)
    reference = stored(tmp_path / "pack", read_calls(tmp_path / "pack")[1][2])[1]
    first, second = np.split(reference, 2)
    assert 0.3 < np.abs(first - second).mean() < 20


def test_a_folder_without_clips_is_said(tmp_path):
    with pytest.raises(SharpError, match="has no clips"):
        make_calls(tmp_path, None, tmp_path / "out", CallPlan(1), quiet)


def test_nothing_is_written_where_nothing_is_large_enough(tmp_path):
    write_clip(tmp_path / "clips" / f"{FREE}.mp4", np.ascontiguousarray(data.astronaut()[:96, :96]), frames=16)
    with pytest.raises(SharpError, match="144 pixels a side"):
        make_calls(tmp_path / "clips", None, tmp_path / "out", CallPlan(2), quiet)
    assert not list((tmp_path / "out").iterdir())
    with pytest.raises(SharpError, match="train calls"):
        read_calls(tmp_path / "out")


def places_of(crop, plane):
    """Every top and left at which a crop lies in a plane."""
    windows = sliding_window_view(plane, crop.shape)
    return list(zip(*(windows[..., 0, :] == crop[0]).all(2).nonzero(), strict=True))


def test_frames_come_back_at_their_places_with_what_they_went_through(pack):
    calls = {"train": [], "val": []}
    for call in read_calls(pack)[1]:
        calls[call.split].append(call)
    untouched = 0
    for split, runs in calls.items():
        frames = CallFrames.of(pack, split, CPU)
        assert frames.count == len(runs)
        degraded, reference, draw = frames.crops(48, 96, torch.Generator().manual_seed(0))
        assert degraded.shape == reference.shape == (48, 1, 96, 96)
        came = draw.jpeg | draw.resample
        errors = 255 * (degraded - reference).square().mean((1, 2, 3)).sqrt()
        assert not errors[~came].any(), "an untouched run is its own reference"
        assert (errors[came] > 0).all()
        assert float(errors.max()) < 40
        untouched += int((~came).sum())
        for row in range(0, 48, 16):
            both = (255 * reference[row : row + 2, 0]).round().numpy()
            qualities = []
            for run in runs:
                first, second = np.split(stored(pack, run)[1], 2)
                if set(places_of(both[0], first)) & set(places_of(both[1], second)):
                    qualities.append(float(draws_of(run.line).quality))
            assert float(draw.quality[row]) in qualities
    assert untouched


def draws_of(line):
    """What a run of that line is said to have gone through."""
    call, frames = call_of(line), np.zeros((2, 2, 8, 8), np.uint8)
    return CallFrames([call], [frames], CPU).crops(2, 8, torch.Generator().manual_seed(0))[2].of(torch.tensor([0]))


def test_both_frames_of_a_pair_are_cut_at_one_place(tmp_path):
    rng = np.random.default_rng(0)
    first = rng.integers(0, 200, (2, 1, 150, 160), dtype=np.uint8)
    frames = CallFrames(
        [call_of(Line(codec="vp8", error=3.0))] * 2,
        [np.concatenate((one, one + 1, one + 2, one + 3)).reshape(2, 2, 150, 160) for one in first],
        CPU,
    )
    degraded, reference, draw = frames.crops(8, 96, torch.Generator().manual_seed(1))
    for one in range(0, 8, 2):
        for images, step in ((degraded, 1), (reference, 1)):
            torch.testing.assert_close(255 * images[one] + step, 255 * images[one + 1])
        torch.testing.assert_close(255 * degraded[one] + 2, 255 * reference[one])
    assert draw.quality.tolist() == [45] * 8


def call_of(line):
    """A run of frames in no pack."""
    return Call(split="train", source="a", line=line, width=160, height=150, offset=0, came=1, due=1)


def test_networks_are_told_the_enlargement_what_coding_cost_and_what_the_camera_did():
    line = Line(
        codec="vp9", error=7.0, scale=2.0, shrink="box", enlarge="bilinear", noise=3.0, noise_width=0.6, sharpened=0.4
    )
    said = dict(zip(LAYOUT, vector(draws_of(line))[0].tolist(), strict=True))
    expected = {
        "resampled": 1,
        "scale": 2 * np.log(2),
        "up_bilinear": 1,
        "down_area": 1,
        "noise": 1,
        "noise_correlation": 0.6,
        "sharpened": 0.4,
        "jpeg": 1,
        "jpeg_loss": 3,
    }
    assert {name: value for name, value in said.items() if value} == pytest.approx(expected, abs=1e-5)
    assert not vector(draws_of(Line())).any()
    assert [video_loss(error) for error in (0, 1, 3, 7)] == [0, 1, 2, 3]


def test_a_pack_without_runs_of_a_split_says_so(pack, tmp_path):
    index = json.loads((pack / "calls.json").read_text())
    (tmp_path / "calls.json").write_text(json.dumps({**index, "calls": []}))
    with pytest.raises(SharpError, match="no runs of frames for 'val'"):
        CallFrames.of(tmp_path, "val", CPU)
