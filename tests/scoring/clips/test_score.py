import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.plugin.metric import LocalMetric, Metric
from sharpcli.scoring.files import score_files
from sharpcli.scoring.metrics import STANDARD, Psnr
from tests.helpers.synthetic_clips import noisy, scene, write_clip

STILL = scene()


def scored(result, reference, baseline=None, convention="rgb", metrics=STANDARD):
    return score_files("a", result, reference, baseline, convention, metrics)


@pytest.fixture
def reference(tmp_path):
    return write_clip(tmp_path / "reference.mkv", [STILL] * 30)


@pytest.mark.parametrize("convention", ["rgb", "y"])
@pytest.mark.parametrize("moving", [False, True])
def test_what_is_unchanged_is_perfect_and_flickers_once(tmp_path, convention, moving):
    lumas = [np.roll(STILL, 5 * number, 1) for number in range(30)] if moving else noisy(STILL, 2, 30)
    clip = write_clip(tmp_path / "a.mkv", lumas)
    score = scored(clip, clip, clip, convention)
    perfect = {"psnr": math.inf, "ssim": 1.0, "temporal-psnr": math.inf, "flicker": 1.0}
    assert score.result == score.input == pytest.approx(perfect, abs=1e-12)
    assert score.result["flicker"] == 1.0
    assert score.frames == 30
    assert [second.name for second in score.seconds] == ["0:00", "0:01"]


@pytest.mark.parametrize(("pixels", "full"), [("yuv420p", False), ("yuv444p", True), ("yuv422p10le", False)])
@pytest.mark.parametrize("factor", [0.5, 1.5, 3])
def test_noise_so_many_times_as_strong_flickers_so_many_times(tmp_path, reference, pixels, full, factor):
    before = write_clip(tmp_path / "in.mkv", noisy(STILL, 3, 30), pixels=pixels, full=full)
    after = write_clip(tmp_path / "out.mkv", noisy(STILL, 3 * factor, 30), pixels=pixels, full=full)
    original = write_clip(tmp_path / "original.mkv", [STILL] * 30, pixels=pixels, full=full)
    score = scored(after, original, before)
    assert score.still == 1
    assert score.result["flicker"] == pytest.approx(factor, rel=0.03)
    assert score.input["flicker"] == 1
    # Noise of standard deviation s makes differences of s * sqrt(2); the original's rounding is no noise.
    assert score.result["psnr"] - score.result["temporal-psnr"] == pytest.approx(10 * math.log10(2), abs=0.3)


def test_levels_are_compared_whatever_the_range_and_depth(tmp_path, reference):
    """Ten bits and full range of the same noise flicker as eight bits and limited range."""
    before = write_clip(tmp_path / "in.mkv", noisy(STILL, 3, 20))
    widened = [(luma - 16) * 255 / 219 for luma in noisy(STILL, 3, 20)]
    after = write_clip(tmp_path / "out.mkv", widened, pixels="yuv420p10le", full=True)
    score = scored(after, reference, before)
    assert score.result["flicker"] == pytest.approx(1, rel=0.02)
    assert score.result["psnr"] == pytest.approx(score.input["psnr"], abs=0.1)


def test_only_what_holds_still_counts(tmp_path):
    """The upper half moves and is made to change thrice as much; the lower half holds still and is left alone."""
    still = scene(64, 64)
    grain = noisy(still, 1, 20)

    def frames(amount):
        made = []
        for number, noise in enumerate(grain):
            frame = noise.copy()
            frame[:32] = np.roll(still, 7 * number, 1)[:32] + amount * (noise - still)[:32]
            made.append(frame)
        return made

    reference = write_clip(tmp_path / "reference.mkv", frames(0))
    before, after = (write_clip(tmp_path / f"{amount}.mkv", frames(amount)) for amount in (1, 3))
    score = scored(after, reference, before)
    assert score.still == pytest.approx(0.5)
    assert score.result["flicker"] == 1


def test_nothing_that_holds_still_is_said(tmp_path):
    lumas = [np.roll(STILL, 9 * number, 1) for number in range(10)]
    clip, brighter = write_clip(tmp_path / "a.mkv", lumas), write_clip(tmp_path / "b.mkv", [y * 1.05 for y in lumas])
    score = scored(brighter, clip)
    assert (score.still, score.result["flicker"]) == (0, 1)
    assert any("no block holds still" in note for note in score.notes)


def test_change_where_there_was_none_is_infinite(tmp_path, reference):
    after = write_clip(tmp_path / "out.mkv", noisy(STILL, 3, 30))
    assert scored(after, reference, reference).result["flicker"] == math.inf
    assert scored(reference, reference, reference).result["flicker"] == 1


def test_psnr_is_of_the_mean_error_and_one_perfect_frame_does_not_make_it_infinite(tmp_path, reference):
    off = [STILL] * 15 + [STILL + 4] * 15
    score = scored(write_clip(tmp_path / "out.mkv", off), reference)
    levels = (4 * 255 / 219) ** 2 / 2
    assert score.result["psnr"] == pytest.approx(10 * math.log10(255**2 / levels), abs=0.3)
    # All of one step's change is wrong, of 29 steps.
    assert score.result["temporal-psnr"] == pytest.approx(10 * math.log10(255**2 * 29 / (2 * levels)), abs=0.3)
    assert score.seconds[0].result["psnr"] > score.seconds[1].result["psnr"]


def test_a_frame_scores_as_the_same_image_does(tmp_path, reference):
    import av

    after = write_clip(tmp_path / "out.mkv", noisy(STILL, 5, 1), chroma=100)
    images = []
    for path in (after, reference):
        with av.open(str(path)) as file:
            images.append(path.with_suffix(".png"))
            PILImage.fromarray(next(file.decode(video=0)).to_ndarray(format="rgb24")).save(images[-1])
    for convention in ("rgb", "y"):
        assert scored(after, reference, None, convention).result == scored(*images, None, convention).result


def test_frames_pair_by_time_and_those_without_a_partner_are_counted(tmp_path):
    lumas = [STILL + number for number in range(20)]
    times = [Fraction(number, 25) for number in range(20)]
    reference = write_clip(tmp_path / "reference.mkv", lumas, times)
    kept = [number for number in range(20) if number not in (3, 4, 11)]
    after = write_clip(tmp_path / "out.mkv", [lumas[n] for n in kept], [times[n] for n in kept])
    score = scored(after, reference)
    assert score.result["psnr"] == math.inf
    assert score.frames == 17
    assert score.notes == (f"{reference}: 3 of 20 frames have no partner",)


def test_other_frame_rates_are_named_and_what_falls_together_is_scored(tmp_path):
    """25 and 10 frames a second meet every fifth of a second."""
    times = [[Fraction(n, rate) for n in range(rate)] for rate in (25, 10)]
    clips = [
        write_clip(tmp_path / f"{n}.mkv", [STILL + 40 * float(time) for time in each], each, rate=len(each))
        for n, each in enumerate(times)
    ]
    score = scored(*clips)
    assert (score.frames, score.result["psnr"]) == (5, math.inf)
    why = "frames have no partner; the clips have 25 and 10 frames/s"
    assert score.notes[:2] == (f"{clips[0]}: 20 of 25 {why}", f"{clips[1]}: 5 of 10 {why}")


@pytest.mark.parametrize("tick", [Fraction(1, 30000), Fraction(1, 90000), Fraction(1, 600)])
def test_time_bases_round_and_frames_pair_all_the_same(tmp_path, tick):
    times = [Fraction(number * 1001, 30000) for number in range(40)]
    lumas = [STILL + number for number in range(40)]
    reference = write_clip(tmp_path / "reference.mkv", lumas, times)
    other = write_clip(tmp_path / "out.mov", lumas, times, tick=tick, codec="libx264")
    score = scored(other, reference)
    assert (score.frames, score.result["psnr"], score.notes) == (40, math.inf, ())


def test_a_clip_that_is_late_as_a_whole_is_scored_with_a_note(tmp_path):
    lumas = [STILL + number for number in range(20)]
    reference = write_clip(tmp_path / "reference.mkv", lumas)
    late = write_clip(tmp_path / "late.mkv", lumas, [Fraction(7, 5) + Fraction(n, 25) for n in range(20)])
    score = scored(late, reference)
    assert (score.frames, score.result["psnr"]) == (20, math.inf)
    assert score.notes == (f"{late}: the whole clip is +1.400 s later than the reference; this was taken off",)


@settings(max_examples=15)
@given(data=st.data())
def test_any_frames_may_be_missing_from_either(tmp_path_factory, data):
    """Each frame's level tells which it is: were two of different times paired, PSNR would be finite."""
    folder = tmp_path_factory.mktemp("missing")
    gaps = data.draw(st.lists(st.integers(20, 200), min_size=6, max_size=12))
    times = [Fraction(sum(gaps[:n]), 1000) for n in range(len(gaps))]
    picks = [data.draw(st.sets(st.sampled_from(range(1, len(gaps))), min_size=1)) | {0} for _ in range(2)]
    clips = [
        write_clip(
            folder / f"{name}.mkv", [STILL[:16, :16] + 5 * n for n in sorted(pick)], [times[n] for n in sorted(pick)]
        )
        for name, pick in enumerate(picks)
    ]
    score = scored(*clips)
    both = picks[0] & picks[1]
    assert (score.frames, score.result["psnr"]) == (len(both), math.inf)


class Brightness(Metric):
    name, summary = "brightness", "mean of the result"
    reference = False

    def measure(self, result, reference):
        return result.mean()


class Error(LocalMetric):
    name, summary = "error", "mean absolute error"

    def total(self, result, reference):
        return np.abs(result - reference).sum()


def test_metrics_of_plugins_are_means_over_the_frames(tmp_path):
    reference = write_clip(tmp_path / "reference.mkv", [STILL] * 10)
    after = write_clip(tmp_path / "out.mkv", [STILL + n for n in range(10)])
    figures = scored(after, reference, None, "y", [Brightness(), Error(), Psnr()]).result
    luma = np.rint(STILL)[2:-2, 2:-2].mean()
    assert figures["brightness"] == pytest.approx(luma + 4.5, abs=0.6)
    assert figures["error"] == pytest.approx(4.5, abs=0.3)


@pytest.mark.parametrize(
    ("lumas", "what"),
    [
        ([scene(64, 64)] * 3, "the sizes differ: 64x64 but 64x48 in the reference"),
        ([STILL], "no frame at the time"),
    ],
)
def test_clips_that_cannot_be_compared_are_named(tmp_path, reference, lumas, what):
    odd = write_clip(tmp_path / "odd.mkv", lumas, [Fraction(99) + n for n in range(len(lumas))])
    with pytest.raises(ImageError, match=rf"odd\.mkv: .*{what}"):
        scored(odd, reference)


def test_a_clip_is_not_scored_against_an_image_and_a_broken_one_is_named(tmp_path, reference):
    PILImage.new("RGB", (64, 48)).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match=r"reference\.mkv: is a clip and .*a\.png is not"):
        scored(tmp_path / "a.png", reference)
    (tmp_path / "broken.mkv").write_bytes(reference.read_bytes()[:200])
    with pytest.raises(ImageError, match=r"broken\.mkv: is damaged, truncated or not a clip"):
        scored(tmp_path / "broken.mkv", reference)
