import json

import pytest

from tests.helpers.synthetic_clips import noisy, scene, write_clip


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "a.mkv", noisy(scene(), 2, 30))


def test_a_clip_is_timed_in_parts_and_from_file_to_file(sharpcli, clip):
    done = sharpcli("bench", clip, "-e", "bicubic", "--rounds", 1, "--against", "bicubic", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["clip"] == {"name": "a.mkv", "size": [64, 48], "frames": 30}
    assert report["encoder"] == "ffv1"
    (row,) = report["results"]
    assert all(row[f"{job}_ms"] > 0 for job in ("decode", "network", "encode", "file"))
    parts = row["decode_ms"] + row["network_ms"] + row["encode_ms"]
    assert row["overlap"] == pytest.approx(parts / row["file_ms"])
    assert row["ratios"]["file"]["median"] == 1


def test_the_table_has_a_row_an_enhancer(sharpcli, clip):
    lines = sharpcli("bench", clip, "-e", "bicubic", "--rounds", 1).stdout.splitlines()
    assert lines[0] == "Clip: a.mkv, 64 x 48, 30 frames; encoder ffv1."
    assert lines[-1].split()[0] == "bicubic"
    assert "ratio" not in lines[-2]


@pytest.mark.parametrize("option", [("--size", "64x48"), ("--format", "png"), ("--picture", "b.png")])
def test_what_is_about_images_is_refused(sharpcli, clip, option):
    done = sharpcli("bench", clip, "-e", "bicubic", *option)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
