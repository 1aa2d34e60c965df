"""Everything in a clip but the sharpness of its frames is in the result, packet by packet."""

import os
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from sharpcli.video.clip import opened
from sharpcli.video.coding import Coding, coding
from sharpcli.video.enhance import enhance_clip
from sharpcli.video.frames import decoded
from sharpcli_bicubic import Bicubic
from tests.helpers.clips import frames_of, write_clip
from tests.helpers.full_clips import CHAPTERS, about, full_clip, picture, shown_at, streams_of

B_FRAMES = {"bf": "3", "preset": "veryfast", "g": "10"}
TAGS = {"title": "A clip", "comment": "Café"}
QUARTER = (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
"""The display matrix of a quarter turn."""
BT2020 = {"color_range": 1, "colorspace": 9, "color_primaries": 9, "color_trc": 16}


def enhanced(path, ending=None, how=None):
    target = path.with_name("out" + (ending or path.suffix))
    notes = enhance_clip(path, target, Bicubic(), how or coding("h264"))
    return target, notes


KINDS = {
    "two languages.mkv": {"sounds": (("aac", "deu"), ("libopus", "fra")), "texts": "subrip"},
    "chapters.mkv": {"chapters": CHAPTERS, "tags": TAGS},
    "attachment.mkv": {"attachment": ("a.ttf", "font/ttf", b"letters")},
    "reordered.mkv": {"options": B_FRAMES},
    "anamorphic.mkv": {"aspect": Fraction(4, 3)},
    "late.mkv": {"start": 5.123, "time_base": Fraction(1, 1000)},
    "colors.mkv": {"colors": BT2020, "pixels": "yuv420p10le"},
    "two languages.mp4": {"sounds": (("aac", "deu"), ("aac", "fra")), "texts": "mov_text"},
    "chapters.mp4": {"chapters": CHAPTERS, "tags": TAGS},
    "cover.mp4": {"cover": True},
    "reordered.mp4": {"options": B_FRAMES},
    "turned.mp4": {"matrix": QUARTER, "aspect": Fraction(4, 3), "colors": {"color_range": 2}},
    "late.mp4": {"start": 1.5, "options": B_FRAMES},
    "irregular.mp4": {"times": [0, 512, 1000, 1001, 2900, 4000, 9000, 9300], "options": B_FRAMES},
    "turned.mov": {"matrix": QUARTER, "colors": {"colorspace": 1, "color_primaries": 1, "color_trc": 1}},
    "reordered.ts": {"options": B_FRAMES, "start": 10.0, "sounds": (("aac", "deu"), ("ac3", "fra"))},
    "plain.avi": {"time_base": Fraction(1, 25), "options": {"bf": "0"}, "sounds": (("mp3", "und"),)},
    "all.mkv": {
        "sounds": (("aac", "deu"), ("libopus", "fra")),
        "texts": "subrip",
        "chapters": CHAPTERS,
        "tags": TAGS,
        "attachment": ("a.ttf", "font/ttf", b"letters"),
        "options": B_FRAMES,
        "aspect": Fraction(4, 3),
        "start": 0.25,
        "colors": BT2020,
        "times": [0, 512, 1024, 1536, 4096, 8192, 9216],
    },
    "all.mp4": {
        "sounds": (("aac", "deu"), ("aac", "fra")),
        "texts": "mov_text",
        "chapters": CHAPTERS,
        "tags": TAGS,
        "cover": True,
        "options": B_FRAMES,
        "matrix": QUARTER,
        "start": 0.25,
        "colors": BT2020,
        "times": [0, 512, 1024, 1536, 4096, 8192, 9216],
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_all_but_the_frames_stays_as_it_was(tmp_path, name):
    clip = full_clip(tmp_path / name, **KINDS[name])
    target, notes = enhanced(clip)
    assert notes == ()
    assert streams_of(target) == streams_of(clip)
    assert shown_at(target) == shown_at(clip)
    before, after = about(clip), about(target)
    if "times" in KINDS[name]:  # of what has no rate, FFmpeg tells one by how long the last frame is shown
        del before[2]["rate"], after[2]["rate"]
    assert after == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, target.name])


def test_webm_keeps_its_sound_and_times(tmp_path):
    fast = {"deadline": "realtime", "cpu-used": "8"}
    clip = full_clip(
        tmp_path / "a.webm",
        codec="libvpx-vp9",
        options=fast,
        time_base=Fraction(1, 1000),
        sounds=(("libopus", "deu"),),
        texts="webvtt",
        chapters=CHAPTERS,
    )
    target, notes = enhanced(clip, how=coding("vp9"))
    assert notes == ()
    assert streams_of(target) == streams_of(clip)
    assert shown_at(target) == shown_at(clip)


@pytest.mark.parametrize("ending", [".mkv", ".mp4", ".avi"])
def test_a_lossless_encoder_gives_the_decoded_planes_back(tmp_path, ending):
    """What the identity enhancer hands on is what was decoded, and no frame is lost, doubled or moved."""
    clip = full_clip(tmp_path / f"a{ending}", options={"bf": "0"}, time_base=Fraction(1, 25))
    how = Coding("libx264", {"qp": "0", "preset": "ultrafast"})
    target, _ = enhanced(clip, how=how)
    with av.open(str(clip)) as before, av.open(str(target)) as after:
        for one, other in zip(before.decode(video=0), after.decode(video=0), strict=True):
            np.testing.assert_array_equal(one.to_ndarray(), other.to_ndarray())


HDR = "hdr10=1:repeat-headers=1:log-level=none:max-cll=1000,400:master-display="
HDR += "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"


@pytest.mark.parametrize("ending", [".mkv", ".mp4"])
@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_hdr10_data_survives(tmp_path, ending, codec):
    options = {"x265-params": HDR, "preset": "ultrafast"}
    clip = full_clip(
        tmp_path / f"a{ending}", 8, codec="libx265", options=options, pixels="yuv420p10le", colors=BT2020, sounds=()
    )
    target, _ = enhanced(clip, how=coding(codec))
    before, after = about(clip)[2], about(target)[2]
    assert after["colors"] == before["colors"]
    assert {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} <= before["sides"].keys()
    assert _light(after) == pytest.approx(_light(before), rel=1e-3)


def _light(seen):
    numbers = np.frombuffer(seen["sides"]["MASTERING_DISPLAY_METADATA"], np.int32)[:20]
    level = np.frombuffer(seen["sides"]["CONTENT_LIGHT_LEVEL"], np.uint32)[:2]
    return [*(numbers[::2] / numbers[1::2]), *map(float, level)]


def test_what_a_container_cannot_hold_is_named(tmp_path):
    sounds = (("aac", "deu"), ("libopus", "fra"))
    clip = full_clip(tmp_path / "a.mkv", sounds=sounds, attachment=("a.ttf", "font/ttf", b"letters"))
    target, notes = enhanced(clip, ".mov")
    assert notes == (
        "not carried over: stream 2 (audio, opus, fra)",
        "not carried over: the attachment a.ttf",
        "not carried over: the language deu of stream 1 (audio)",
    )
    assert [one[1] for one in streams_of(target)] == ["aac"]


@pytest.mark.parametrize(
    ("ending", "texts", "other", "becomes"),
    [(".mkv", "subrip", ".mp4", "mov_text"), (".mp4", "mov_text", ".mkv", "srt")],
)
def test_text_is_converted_from_one_container_to_another(tmp_path, ending, texts, other, becomes):
    clip = full_clip(tmp_path / f"a{ending}", texts=texts)
    target, notes = enhanced(clip, other)
    assert any("converted" in note and "subtitle" in note for note in notes)
    (text,) = (one for one in streams_of(target) if one[0] == "subtitle")
    assert text[1:3] == (becomes, {"language": "eng"})
    assert [one[1] for one in text[4]] == [Fraction(1, 10), Fraction(2, 5)]
    with av.open(str(target)) as container:
        shown = [bytes(packet) for packet in container.demux(subtitles=0)]
    assert [data[-6:] for data in shown if len(data) > 2] == [b"Line 0", b"Line 1"]


def test_nothing_is_shifted_from_mp4_to_matroska(tmp_path):
    """The first sound of AAC lies before zero; a muxer that shifts it to zero shifts the video as well."""
    clip = full_clip(tmp_path / "a.mp4")
    target, _ = enhanced(clip, ".mkv")
    assert shown_at(target) == [round(moment * 1000) / Fraction(1000) for moment in shown_at(clip)]
    before, after = streams_of(clip)[0][4], streams_of(target)[0][4]
    assert [one[0] for one in after] == [one[0] for one in before]
    assert all(abs(a[1] - b[1]) <= Fraction(1, 1000) for a, b in zip(after, before, strict=True))


def test_a_single_frame_is_a_clip(tmp_path):
    clip = full_clip(tmp_path / "a.mp4", 1, sounds=())
    target, _ = enhanced(clip)
    assert shown_at(target) == shown_at(clip)


def test_an_avi_with_reordered_frames_keeps_their_order(tmp_path):
    """Its container has no times, and those that FFmpeg guesses go back and forth."""
    clip = full_clip(tmp_path / "a.avi", time_base=Fraction(1, 25), options=B_FRAMES, sounds=())
    target, _ = enhanced(clip)
    with opened(target) as made:
        assert [frame.pts * frame.time_base for frame in decoded(made)] == [Fraction(n, 25) for n in range(25)]
    with av.open(str(target)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            error = frame.to_ndarray().astype(int) - picture(number).to_ndarray()
            assert np.abs(error).mean() < 8, number


def test_another_codec_is_a_matter_of_no_chance(tmp_path):
    """x265 takes decoding times from fresh memory where frames are fewer than those it reorders."""
    source, target = write_clip(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    words = ("enhance", source, "-o", target, "-e", "bicubic", "--codec", "hevc")
    filled = {**os.environ, "MALLOC_PERTURB_": "1"}  # glibc's; elsewhere nothing fills it
    command = [sys.executable, "-m", "sharpcli", *words]
    done = subprocess.run(command, env=filled, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert frames_of(target) == frames_of(source)
