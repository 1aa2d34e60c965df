"""What the benchmark of calls prints: known degradations have known scores, and files score the same."""

import math
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.clips.score import score_clips
from sharpcli.scoring.metrics import Psnr
from sharpcli.video.planes import plane
from tests.helpers.clips import write_clip
from tests.helpers.scripts import benchmark

SIZE = 96, 72


@pytest.fixture(scope="module")
def calls():
    return benchmark("calls")


@pytest.fixture(scope="module")
def calling(calls):
    """Its modules by name."""
    return {name: sys.modules[f"calling.{name}"] for name in ("line", "methods", "measure", "tables")}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clips") / "moving.mp4", frames=14, size=SIZE)


@pytest.fixture(scope="module")
def originals(calling, clip):
    frames, _ = calling["line"].originals(clip, 480, 14)
    return frames


def still(*levels):
    """Frames without motion, each so many levels brighter than a texture."""
    texture = np.random.default_rng(0).integers(100, 140, SIZE[::-1], np.uint8)
    frames = []
    for number, level in enumerate(levels):
        frame = av.VideoFrame(*SIZE, "yuv420p")
        for index, values in enumerate((texture + level, 128, 128)):
            plane(frame, index)[...] = values
        frame.pts, frame.time_base = number, Fraction(1, 1000)
        frames.append(frame)
    return frames


def test_what_changes_nothing_gains_nothing_and_does_not_flicker(calling, originals):
    methods = calling["methods"].chosen(["bicubic"])
    cell = calling["line"].Cell("H.264", 2, "middle")
    row = calling["measure"].measured(originals, Fraction(25), cell, methods)
    assert row.results["bicubic"] == row.input
    assert row.input.flicker == 1.0
    assert 15 < row.input.psnr < 40
    assert calling["measure"].untouched(originals, methods) == {"bicubic": math.inf}


def test_a_known_error_has_its_psnr(calling):
    """Four levels everywhere, of which only the rounding of RGB changes anything from frame to frame."""
    frames, brighter = still(0, 0, 0), still(4, 4, 4)
    (before, result), _ = calling["measure"].scored(frames, frames, [brighter])
    assert before.psnr == math.inf
    assert result.psnr == pytest.approx(20 * math.log10(255 / 4), abs=0.3)
    assert result.temporal == math.inf
    assert result.flicker == 1.0


def test_three_times_the_changes_are_a_flicker_of_three(calling):
    frames, delivered, strong = still(0, 0, 0, 0), still(0, 2, 0, 2), still(0, 6, 0, 6)
    (before, result), original = calling["measure"].scored(frames, delivered, [strong])
    assert (before.flicker, result.flicker, original) == (1.0, 3.0, 0.0)
    assert result.temporal == pytest.approx(before.temporal - 20 * math.log10(3), abs=0.5)


def test_the_figures_are_those_of_score(calling, originals, tmp_path):
    """Of the same frames in files."""
    delivered = calling["line"].called(originals, Fraction(25), calling["line"].Cell("VP8", 2, "lowest")).frames
    methods = calling["methods"].chosen(["student-live:profile=photo"])
    ((name, method),) = methods.items()
    (_, figures), _ = calling["measure"].scored(originals, delivered, [method(delivered, None)])
    paths = []
    for kind, frames in (("result", method(delivered, None)), ("reference", originals), ("input", delivered)):
        paths.append(tmp_path / f"{kind}.mkv")
        with av.open(str(paths[-1]), "w") as file:
            stream = file.add_stream("ffv1", rate=25)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            for number, frame in enumerate(frames):
                frame.pts, frame.time_base = number, Fraction(1, 25)
                file.mux(stream.encode(frame))
            file.mux(stream.encode(None))
    score = score_clips(name, *paths, "y", [Psnr()])
    assert [score.result[one] for one in ("psnr", "temporal-psnr", "flicker")] == pytest.approx(
        [figures.psnr, figures.temporal, figures.flicker]
    )


@pytest.mark.parametrize("codec", ["H.264", "VP8", "VP9", "AV1"])
def test_every_codec_delivers_every_frame_and_better_ones_for_more_bits(calling, originals, codec):
    line = calling["line"]
    scores = []
    for share in ("lowest", "highest"):
        delivered = line.called(originals, Fraction(25), line.Cell(codec, 1, share))
        (before,), _ = calling["measure"].scored(originals, delivered.frames, [])
        scores.append((delivered.asked, delivered.spent, before.psnr))
    assert [frame.pts for frame in delivered.frames] == list(range(len(originals)))
    (least, spent_least, worse), (most, spent_most, better) = scores
    assert (least, most) == pytest.approx((30, 200))
    assert spent_least < spent_most
    assert worse < better
    again = line.called(originals, Fraction(25), line.Cell(codec, 1, share)).frames
    assert all(np.array_equal(plane(one), plane(two)) for one, two in zip(again, delivered.frames, strict=True))


@pytest.fixture(autouse=True)
def no_plugin_left():
    """The example plugin is there for these tests alone."""
    yield
    load_registry.cache_clear()


@pytest.fixture
def run(calls, monkeypatch):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["calls.py", *map(str, arguments)])
        calls.main()

    return run


def test_the_tables_come_between_the_markers_of_a_page(run, calls, clip, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{calls.BEGIN}\nold\n{calls.END}\n\nbehind\n")
    few = ("--codec", "H.264", "--codec", "AV1", "--scale", 1, "-e", "bicubic", "-e", "cas", "-e", "unsharp")
    run(clip, clip, "--quick", *few, "--into", page)
    text = page.read_text()
    assert text.startswith(f"before\n\n{calls.BEGIN}\n\nClips: 2 of 96x72, 6 frames at 25 a second.")
    assert text.endswith(f"{calls.END}\n\nbehind\n")
    assert "old" not in text
    assert capsys.readouterr().out.strip() in text
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    (bicubic, held_out, *_) = [line for line in lines if line[0] == "bicubic"]
    assert bicubic == ["bicubic", "H.264", "+0.00", "+0.00", "+0.00 (+0.00)", "1.00 (1.00)", "inf dB"]
    assert held_out[1] == "AV1"
    gains = next(line for line in lines if line[0] == "H.264")
    assert gains[1] == "1"
    assert gains[4] == "+0.00 (+0.00)"
    assert [line[4:] for line in lines if line[0] == "codec"] == [["bicubic", "cas", "unsharp"]] * 3


def test_the_students_are_tried_with_the_profiles_that_they_have(calling):
    calling["methods"].chosen([])
    usual = calling["methods"].usual()
    assert usual[:3] == ["student:profile=auto", "student-live:profile=photo", "student:profile=photo"]
    assert usual[-2:] == ["unsharp", "cas"]
    assert next(iter(calling["methods"].chosen(usual))) == "student profile=auto"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{clip}", "-e", "nothing"], "nothing"),
        (["{clip}", "--quick", "-e", "bicubic", "--scale", "1", "--codec", "VP8", "--into", "{page}"], "has no <!--"),
        (["{small}", "-e", "bicubic"], "too few for a call"),
        (["{page}", "-e", "bicubic"], "page.md"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_line(run, clip, tmp_path, arguments, said):
    page = tmp_path / "page.md"
    page.write_text("no markers")
    small = write_clip(tmp_path / "small.mp4", size=(48, 48))
    with pytest.raises(SystemExit, match=said):
        run(*(one.format(clip=clip, page=page, small=small) for one in arguments))
    assert page.read_text() == "no markers"
