import csv
import json

import numpy as np
import pytest
from PIL import Image as PILImage

from tests.helpers.synthetic_clips import noisy, scene, write_clip

STILL = scene()


@pytest.fixture
def trio(tmp_path):
    """Folders of originals, inputs and results: a clip, and an image of the same name beside it."""
    amounts = {"originals": 0, "inputs": 2, "results": 4}
    for name, amount in amounts.items():
        (tmp_path / name).mkdir()
        write_clip(tmp_path / name / "a.mkv", noisy(STILL, amount, 60))
        PILImage.fromarray(np.rint(noisy(STILL, amount, 1)[0]).astype(np.uint8)).save(tmp_path / name / "a.png")
    return [tmp_path / name for name in ("results", "originals", "--input", "inputs") if name != "--input"]


def test_clips_among_images_have_a_row_and_worst_seconds(sharpcli, trio):
    results, originals, inputs = trio
    done = sharpcli("score", results, originals, "--input", inputs)
    assert (done.exit_code, done.stderr) == (0, "")
    table, worst, last = done.stdout.split("\n\n")
    rows = {line.split()[0]: line.split()[1:] for line in table.splitlines()}
    assert list(rows) == ["image", "a.mkv", "a.png", "mean"]
    assert rows["a.mkv"][3] == "2.00"
    assert rows["a.png"][2:4] == ["-", "-"]
    assert rows["a.mkv"][-2:] == ["1.00", "+1.00"]
    assert {tuple(line.split()[:2]) for line in worst.splitlines()[1:]} == {("a.mkv", f"0:0{n}") for n in range(3)}
    assert "flicker: lower is better, also for gains" in last


def test_reports_hold_every_second(sharpcli, trio, tmp_path):
    results, originals, inputs = trio
    for name in ("scores.json", "scores.csv"):
        assert sharpcli("score", results, originals, "--input", inputs, "--report", tmp_path / name).exit_code == 0
    report = json.loads((tmp_path / "scores.json").read_text())
    clip, image = report["images"]
    assert (clip["frames"], clip["still"]) == (60, 1)
    assert [second["second"] for second in clip["seconds"]] == ["0:00", "0:01", "0:02"]
    assert set(clip["seconds"][0]) - {"second"} == set(clip) - {"image", "frames", "still", "seconds"}
    assert "flicker" not in image
    known = {metric["name"]: metric["higher_is_better"] for metric in report["metrics"]}
    assert known == {"psnr": True, "ssim": True, "temporal-psnr": True, "flicker": False}
    rows = list(csv.DictReader((tmp_path / "scores.csv").open()))
    assert [row["flicker"] != "" for row in rows] == [True, False, True]


def test_a_bad_clip_is_one_line_and_the_others_are_scored(sharpcli, trio, tmp_path):
    results, originals, _ = trio
    for folder in (results, originals):
        (folder / "b.mkv").write_bytes((folder / "a.mkv").read_bytes())
    (results / "b.mkv").write_bytes(b"\x1aE\xdf\xa3 no clip")
    write_clip(results / "a.mkv", noisy(STILL, 1, 50))
    done = sharpcli("score", results, originals)
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        f"note: {originals / 'a.mkv'}: 10 of 60 frames have no partner",
        f"failed: {results / 'b.mkv'}: is damaged, truncated or not a clip (Invalid data found when processing input)",
    ]
    assert "2 scored" in done.stdout


def test_the_identity_through_a_lossless_codec_is_perfect(sharpcli, trio, tmp_path):
    _, originals, inputs = trio
    made = sharpcli("enhance", inputs / "a.mkv", "-o", tmp_path / "out", "-e", "bicubic", "--codec", "ffv1")
    assert made.exit_code == 0
    perfect = sharpcli("score", tmp_path / "out" / "a.mkv", inputs / "a.mkv").stdout.splitlines()[1].split()
    assert perfect == ["a", "infinite", "1.0000", "infinite", "1.00"]
    against = ("score", tmp_path / "out" / "a.mkv", originals / "a.mkv", "--input", inputs / "a.mkv")
    cells = sharpcli(*against).stdout.splitlines()[1].split()
    assert cells[4] == "1.00"
    assert cells[1] == cells[5]
