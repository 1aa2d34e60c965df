import sys

import numpy as np
import pytest
from PIL import Image

from sharpcli_training.data.pack_index import read_index
from tests.training.conditioned import make_pack


@pytest.fixture
def source(tmp_path):
    """The images of the small pack."""
    return make_pack(tmp_path / "made").parent / "source"


def test_coded_images_and_clips_are_packed_and_told(sharpcli, source, tmp_path):
    pytest.importorskip("av", reason="PyAV is not installed")
    from tests.training.clips import write_clip

    image = next(source.iterdir())
    with Image.open(image) as opened:
        write_clip(tmp_path / "clips" / "talk.mp4", np.asarray(opened))
    done = sharpcli("train", "originals", source, "-o", tmp_path / "pack", "--coded", 3, "--clips", tmp_path / "clips")
    assert done.exit_code == 0, done.stderr
    assert "1 h264, 3 webp" in done.stdout
    card, _ = read_index(tmp_path / "pack")
    assert card["sets"] == {"clips": 6}


def test_without_pyav_coded_images_are_webp_and_clips_are_refused(sharpcli, source, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    done = sharpcli("train", "originals", source, "-o", tmp_path / "pack", "--coded", 3)
    assert done.exit_code == 0, done.stderr
    assert "WebP only" in done.stderr
    assert read_index(tmp_path / "pack")[0]["coded"] == {"webp": 4}
    refused = sharpcli("train", "originals", source, "-o", tmp_path / "no", "--clips", source)
    assert (refused.exit_code, "sharpcli[train]" in refused.stderr) == (2, True)
