import numpy as np
import pytest
from PIL import Image

from sharpcli.errors import SharpError
from sharpcli_training.data.originals import PackPlan, pack_originals
from sharpcli_training.data.pack_index import read_index
from sharpcli_training.data.sources import is_held_out

pytest.importorskip("av", reason="PyAV is not installed")
from sharpcli_training.data.clips import FRAMES, SMALLEST, clip_frames
from tests.training.clips import write_clip

HELD = next(name for name in map("clip{}".format, range(100)) if is_held_out(name))
FREE = next(name for name in map("clip{}".format, range(100)) if not is_held_out(name))


def test_frames_of_a_clip_are_evenly_spread_and_named_after_it(tmp_path, photo):
    write_clip(tmp_path / "in" / "one.mp4", photo[:200, :300], frames=24)
    names = clip_frames(tmp_path / "in", tmp_path)
    assert set(names.values()) == {"one"}
    assert len(names) == FRAMES
    for number, file in enumerate(sorted(names)):
        due = np.roll(photo[:200, :300], -2 * (4 * number + 2), 1).astype(float)
        found = np.asarray(Image.open(tmp_path / file)).astype(float)
        assert np.abs(found - due).mean() < 5, file


def test_frames_are_halved_where_they_are_large_and_lose_their_bars(tmp_path, photo):
    large = np.asarray(Image.fromarray(photo).resize((640, 2 * SMALLEST)))
    write_clip(tmp_path / "in" / "large.mp4", large, frames=6)
    write_clip(tmp_path / "in" / "small.mp4", photo[:200, :300], frames=6, bar=40)
    names = clip_frames(tmp_path / "in", tmp_path)
    sizes = {name: Image.open(tmp_path / file).size for file, name in names.items()}
    assert sizes["large"] == (320, SMALLEST)
    assert sizes["small"][1] == 200
    assert 258 <= sizes["small"][0] <= 262


def test_a_clip_is_held_out_as_a_whole(tmp_path, photo):
    for name in (HELD, FREE):
        write_clip(tmp_path / "in" / f"{name}.mp4", photo[:200, :300])
    (tmp_path / "source").mkdir()
    card = pack_originals(tmp_path / "source", tmp_path / "pack", PackPlan(clips=tmp_path / "in"), lambda *_: None)
    _, entries = read_index(tmp_path / "pack")
    assert {(entry.split, entry.photograph) for entry in entries} == {("val", HELD), ("train", FREE)}
    assert card["sets"] == {"clips": 2 * FRAMES}


def test_what_is_no_clip_is_named(tmp_path):
    with pytest.raises(SharpError, match="has no clips"):
        clip_frames(tmp_path, tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"no clip")
    (tmp_path / "frames").mkdir()
    with pytest.raises(SharpError, match=r"a\.mp4 cannot be read"):
        clip_frames(tmp_path, tmp_path / "frames")
