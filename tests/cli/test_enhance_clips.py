"""`sharpcli enhance` on clips, alone and among images."""

import csv
import json
import sys

import pytest
from PIL import Image as PILImage

from tests.helpers.clips import container_of, frames_of, write_clip

FAST = ("-e", "bicubic")


@pytest.fixture
def mixed(tmp_path, photo):
    """A folder of two clips, an image, and a text whose ending clips have as well."""
    folder = tmp_path / "in"
    write_clip(folder / "a.mp4")
    write_clip(folder / "sub" / "b.mkv")
    PILImage.fromarray(photo[:48, :64]).save(folder / "c.png")
    (folder / "code.ts").write_text("export const a = 1;\n")
    return folder


def results(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file() and path.name[0] != ".")


def test_clips_among_images_are_done_by_the_same_command(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST, "--report", tmp_path / "r.html")
    assert done.exit_code == 0, done.stderr
    assert results(tmp_path / "out") == ["a.mp4", "c.png", "sub/b.mkv"]
    assert frames_of(tmp_path / "out" / "a.mp4") == frames_of(mixed / "a.mp4")
    assert "64x48 in" in done.stderr
    assert ", 12 frames, " in done.stderr
    assert "for 12 frames" in (tmp_path / "r.html").read_text()
    assert (tmp_path / "r.html").read_text().count("data:image/webp") == 6
    again = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST)
    assert again.stdout.startswith("0 done, 3 skipped (already exist)")


def test_a_format_concerns_files_of_its_own_kind(sharpcli, mixed, tmp_path):
    sharpcli("enhance", mixed, "-o", tmp_path / "clips", *FAST, "--format", "mov")
    assert results(tmp_path / "clips") == ["a.mov", "c.png", "sub/b.mov"]
    assert container_of(tmp_path / "clips" / "a.mov")[0].startswith("mov")
    sharpcli("enhance", mixed, "-o", tmp_path / "images", *FAST, "--format", "webp")
    assert results(tmp_path / "images") == ["a.mp4", "c.webp", "sub/b.mkv"]


def test_a_single_clip_can_name_its_output(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "better.mkv", *FAST)
    assert done.exit_code == 0, done.stderr
    assert container_of(tmp_path / "better.mkv") == ("matroska,webm", "h264")
    assert sharpcli("enhance", mixed / "a.mp4", *FAST).exit_code == 0
    assert (mixed / "a-sharp.mp4").exists()
    refused = sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "x.mkv", "--format", "mp4")
    assert refused.exit_code == 2
    assert "disagree" in refused.stderr


def test_a_clip_is_told_by_its_bytes(sharpcli, tmp_path):
    source = tmp_path / "in"
    write_clip(source / "none", format="mp4")
    write_clip(source / "a.webm", format="matroska")
    write_clip(source / "photo.jpg", format="mp4")
    write_clip(source / "stream.ts")
    done = sharpcli("enhance", source, "-o", tmp_path / "out", *FAST)
    assert done.exit_code == 1
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 1
    assert failed[0].endswith("photo.jpg: is a video clip, which a .jpg cannot hold; use --format mp4, or rename it")
    assert results(tmp_path / "out") == ["a.webm", "none", "stream.ts"]
    assert container_of(tmp_path / "out" / "none")[0].startswith("mov,mp4")
    assert container_of(tmp_path / "out" / "a.webm")[1] == "vp9"
    assert sharpcli("enhance", source, "-o", tmp_path / "mp4", *FAST, "--format", "mp4").exit_code == 0
    assert results(tmp_path / "mp4") == ["a.mp4", "none.mp4", "photo.mp4", "stream.mp4"]


def test_a_container_that_is_only_read_needs_a_format(sharpcli, tmp_path):
    write_clip(tmp_path / "a.flv", codec="flv")
    done = sharpcli("enhance", tmp_path / "a.flv", "-o", tmp_path / "out", *FAST)
    assert done.exit_code == 1
    assert "would be written as .flv, which is only read; choose a container, such as --format mkv" in done.stderr
    assert sharpcli("enhance", tmp_path / "a.flv", "-o", tmp_path / "out", *FAST, "--format", "mkv").exit_code == 0
    assert container_of(tmp_path / "out" / "a.mkv") == ("matroska,webm", "h264")


def test_an_image_is_not_written_into_a_clip(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed / "c.png", "-o", tmp_path / "c.mkv", *FAST)
    assert done.exit_code == 1
    assert "is an image, which a .mkv cannot hold; use an image format, such as --format png" in done.stderr
    assert not (tmp_path / "c.mkv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--codec", "h264", "--crf", "60"), "--crf must be between 0 and 51 for h264, not 60"),
        (("--crf", "64"), "64 is not in the range 0<=x<=63"),
        (("--preset", "quick"), "--preset must be one of ultrafast"),
        (("--codec", "av1", "--preset", "fast"), "--preset must be 0 to 13 for av1, not 'fast'"),
        (("--codec", "ffv1", "--crf", "10"), "--crf is not for ffv1"),
        (("--codec", "mpeg4"), "'mpeg4' is not one of"),
    ],
)
def test_a_coding_that_cannot_be_is_refused_before_anything_is_done(sharpcli, mixed, tmp_path, options, message):
    refused = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST, *options)
    assert refused.exit_code == 2
    assert message in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_codec_that_the_container_does_not_hold_is_named_with_what_it_holds(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "a.webm", *FAST, "--codec", "h264")
    assert done.exit_code == 1
    assert "--codec h264 cannot be in a .webm; use vp9, vp8 or av1, or --format mkv" in done.stderr


def test_the_coding_is_among_the_settings_of_a_folder(sharpcli, mixed, tmp_path):
    out = tmp_path / "out"
    assert sharpcli("enhance", mixed, "-o", out, *FAST, "--codec", "hevc", "--crf", "30").exit_code == 0
    assert container_of(out / "a.mp4")[1] == "hevc"
    other = sharpcli("enhance", mixed, "-o", out, *FAST, "--codec", "hevc")
    assert other.exit_code == 2
    assert "crf 30, now none" in other.stderr
    redone = sharpcli("enhance", mixed, "-o", out, *FAST, "--codec", "h264", "--on-existing", "overwrite")
    assert redone.exit_code == 0
    assert container_of(out / "a.mp4")[1] == "h264"


def test_strength_zero_and_one_are_different_clips(sharpcli, mixed, tmp_path):
    for strength in ("0", "1"):
        out = tmp_path / strength
        sharpcli("enhance", mixed / "a.mp4", "-o", out, "-e", "student-live", "--strength", strength)
    assert (tmp_path / "0" / "a.mp4").read_bytes() != (tmp_path / "1" / "a.mp4").read_bytes()


def test_a_clip_is_enlarged(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "out", *FAST, "--upscale", "2", "--json")
    row = json.loads(done.stdout.splitlines()[0])
    assert (row["status"], row["output_width"], row["output_height"]) == ("done", 128, 96)


def test_tags_that_cannot_be_removed_are_not_kept_in_silence(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST, "--strip")
    assert done.exit_code == 1
    assert "a.mp4: is a video clip, of which --strip removes nothing; leave --strip or the clip out" in done.stderr
    assert results(tmp_path / "out") == ["c.png"]


def test_programs_read_a_clip_as_one_object_and_one_row(sharpcli, mixed, tmp_path):
    done = sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "out", *FAST, "--json", "--report", tmp_path / "r.csv")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    assert (lines[0]["frames"], lines[0]["width"], lines[0]["output_height"]) == (12, 64, 48)
    assert done.stderr == ""
    (row,) = csv.DictReader((tmp_path / "r.csv").open(encoding="utf-8"))
    assert (row["status"], row["frames"]) == ("done", "12")
    assert sharpcli("enhance", mixed / "a.mp4", "-o", tmp_path / "quiet", *FAST, "--quiet").output == ""


def test_without_the_extra_a_clip_is_a_line_and_the_folder_goes_on(sharpcli, mixed, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    done = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST)
    assert done.exit_code == 1
    assert done.stderr.count("failed: ") == 2
    assert "a.mp4: clips need the extra video; install it with: pip install 'sharpcli[video]'" in done.stderr
    assert results(tmp_path / "out") == ["c.png"]


def test_what_is_no_clip_inside_is_a_line_and_leaves_nothing(sharpcli, mixed, tmp_path):
    (mixed / "cut.mp4").write_bytes((mixed / "a.mp4").read_bytes()[:600])
    (mixed / "text.mkv").write_text("no clip at all")
    done = sharpcli("enhance", mixed, "-o", tmp_path / "out", *FAST)
    assert done.exit_code == 1
    failed = [line for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert [line.split(": ")[1].rpartition("/")[2] for line in failed] == ["cut.mp4", "text.mkv"]
    assert all("not a clip" in line for line in failed)
    assert results(tmp_path / "out") == ["a.mp4", "c.png", "sub/b.mkv"]
    assert not list((tmp_path / "out").glob(".sharpcli-*"))


def test_other_commands_say_that_they_take_no_clips(sharpcli, mixed, tmp_path):
    done = sharpcli("degrade", mixed, "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert (
        "a.mp4: is a video clip, and only still images are taken here; `sharpcli enhance` takes clips too"
        in done.stderr
    )
