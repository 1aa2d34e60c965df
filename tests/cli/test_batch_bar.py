"""What a terminal shows of clips in progress."""

from pathlib import Path

import pytest

from sharpcli.batch.clips import ClipProgress
from sharpcli.batch.job import Outcome
from sharpcli.batch.plan import Item
from sharpcli.cli.batch_bar import CLIP_WEIGHT, BatchBar, clip_text, clock, weights


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (65.9, "1:05"), (3661, "1:01:01")])
def test_times_are_written_as_players_do(seconds, text):
    assert clock(seconds) == text


def test_a_clip_says_how_far_of_what_and_how_fast():
    assert clip_text(ClipProgress(Path("a.mp4"), 12.0, 90.0, 300), 10.0) == "0:12 of 1:30, 30.0 frames/s"
    assert clip_text(ClipProgress(Path("a.mp4"), 12.0, None, 0), 10.0) == "0:12, length unknown"


def items(tmp_path, **sizes):
    for name, size in sizes.items():
        (tmp_path / name.replace("_", ".")).write_bytes(bytes(size))
    sources = [tmp_path / name.replace("_", ".") for name in sizes]
    return [Item(source, tmp_path / "out" / source.name) for source in sources]


def test_images_count_alike_and_beside_clips_by_their_size(tmp_path):
    assert set(weights(items(tmp_path, a_png=10, b_png=1000)).values()) == {1.0}
    assert list(weights(items(tmp_path, a_png=10, b_mp4=1000)).values()) == [10, 1000 * CLIP_WEIGHT]


def test_the_bar_of_all_goes_on_with_a_clip_and_ends_full(tmp_path):
    image, clip = items(tmp_path, a_png=1000, b_mp4=100)
    bar = BatchBar([image, clip], 2)
    whole = bar.bar.tasks[0]
    assert whole.total == 3000
    bar.ended(Outcome(image, "done", out_size=(10, 10)), clip.source)
    assert whole.completed == 1000
    bar.clip(ClipProgress(clip.source, 5.0, 10.0, 125))
    assert whole.completed == 2000
    assert [task.completed for task in bar.bar.tasks[1:]] == [5.0]
    bar.ended(Outcome(clip, "done", out_size=(10, 10), frames=250), None)
    assert whole.finished
    assert len(bar.bar.tasks) == 1


def test_a_clip_of_unknown_length_has_no_end(tmp_path):
    (clip,) = items(tmp_path, a_mkv=100)
    bar = BatchBar([clip], 1)
    bar.clip(ClipProgress(clip.source, 5.0, None, 125))
    assert bar.bar.tasks[1].total is None
    assert bar.bar.tasks[1].fields["text"].startswith("0:05, length unknown")
