import pytest
from PIL import Image as PILImage

from tests.helpers.synthetic_clips import scene, write_clip

STILL = scene(96, 128)


@pytest.fixture
def clips(tmp_path):
    """Three seconds of which the last is far from its original."""
    lumas = [STILL + number / 10 for number in range(75)]
    original = write_clip(tmp_path / "original.mkv", lumas)
    return write_clip(tmp_path / "a.mkv", [*lumas[:50], *(y * 0.8 + 25 for y in lumas[50:])]), original


def test_frames_of_a_clip_stand_on_one_sheet_the_worst_second_among_them(sharpcli, clips, tmp_path):
    clip, original = clips
    chosen = ("-e", "bicubic", "-o", tmp_path / "sheet.png", "--size", 32)
    done = sharpcli("compare", clip, *chosen, "--frames", 2, "--reference", original)
    assert (done.exit_code, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()[1:5]]
    times = [float(row[0]) for row in rows[::2]]
    assert 0 < times[0] < 2 < times[1] < 3
    assert [row[3] for row in rows[::2]] == ["-", "-"]
    assert rows[0][4] == "infinite"
    assert float(rows[2][4]) < 40
    assert "1 compared" in done.stdout
    plain = sharpcli("compare", clip, *chosen)
    assert [line.split()[0] for line in plain.stdout.splitlines()[1:7:2]] == ["0.52", "1.52", "2.52"]
    with PILImage.open(tmp_path / "sheet.png") as sheet:
        assert sheet.height > 3 * 200


def test_a_bad_clip_is_one_line(sharpcli, tmp_path):
    (tmp_path / "a.mkv").write_bytes(b"\x1aE\xdf\xa3 no clip")
    done = sharpcli("compare", tmp_path / "a.mkv", "-e", "bicubic", "-o", tmp_path / "sheet.png")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "a.mkv: is damaged, truncated or not a clip" in done.stderr
