"""What a result lacks of a clip is named, whatever the reason."""

from sharpcli.video.inventory import missing
from tests.helpers.full_clips import CHAPTERS, full_clip

QUARTER = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)


def test_what_is_there_is_not_named(tmp_path):
    clip = full_clip(tmp_path / "a.mkv", texts="subrip", chapters=CHAPTERS, tags={"title": "A"})
    assert missing(clip, clip, {0: 0, 1: 1, 2: 2}) == ()


def test_each_thing_that_is_gone_is_named(tmp_path):
    had = full_clip(
        tmp_path / "a.mp4", chapters=CHAPTERS, tags={"title": "A"}, matrix=QUARTER, texts="mov_text", aspect=2
    )
    has = full_clip(tmp_path / "b.mp4", sounds=(("aac", "fra"),), texts="mov_text")
    (note,) = missing(had, has, {0: 0, 1: 1, 2: 2})
    for what in ("tag title", "language deu of stream 1", "chapters", "rotation", "shape of a pixel (2)"):
        assert what in note


def test_coarser_times_are_named(tmp_path):
    clip, rounded = full_clip(tmp_path / "a.mp4"), full_clip(tmp_path / "b.mkv")
    assert any("rounded to 1 ms" in note for note in missing(clip, rounded, {0: 0, 1: 1}))
