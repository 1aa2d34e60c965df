import math
import re
from html import unescape

import gradio as gr

from sharpcli.plugin.metric import Metric
from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.score import Score
from sharpcli.web.views import score as view

A = Score("a", {"psnr": 30.0, "ssim": 0.9}, {"psnr": 28.0, "ssim": 0.8})
LOSS = Score("sub/loss", {"psnr": 27.0, "ssim": 0.7}, {"psnr": 28.0, "ssim": 0.8})
SAME = Score("same", {"psnr": math.inf, "ssim": 1.0}, {"psnr": 28.0, "ssim": 0.8})
SPOILED = Score("spoiled", {"psnr": 28.0, "ssim": 0.8}, {"psnr": math.inf, "ssim": 1.0})
UNCHANGED = Score("unchanged", {"psnr": math.inf, "ssim": 1.0}, {"psnr": math.inf, "ssim": 1.0})


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def lengths(html):
    return [(float(left), float(width)) for left, width in re.findall(r"left: ([\d.]+)%; width: ([\d.]+)%", html)]


def test_the_table_shows_rounded_figures_and_sorts_by_exact_ones():
    exact = Score("exact", {"psnr": 30.004, "ssim": 0.9}, {"psnr": 28.0, "ssim": 0.8})
    table = gr.Dataframe().postprocess(view.table([A, exact, SAME, SPOILED]))
    assert table.headers == ["image", "PSNR", "SSIM", "input PSNR", "gain PSNR", "input SSIM", "gain SSIM"]
    assert [row[1] for row in table.data][:2] == [30.0, 30.004]
    assert [row[1:] for row in table.metadata["display_value"]] == [
        ["30.00", "0.9000", "28.00", "+2.00", "0.8000", "+0.1000"],
        ["30.00", "0.9000", "28.00", "+2.00", "0.8000", "+0.1000"],
        ["infinite", "1.0000", "28.00", "+infinite", "0.8000", "+0.2000"],
        ["28.00", "0.8000", "infinite", "-infinite", "1.0000", "-0.2000"],
    ]
    assert [row[0] for row in sorted(table.data, key=lambda row: row[4])] == ["spoiled", "a", "exact", "same"]


def test_the_mean_says_its_convention_and_why_it_is_infinite():
    assert words(view.mean_table([A, LOSS], "y")).startswith(
        "Mean of 2 images PSNR, dB SSIM Result 28.50 0.8000 Input 28.00 0.8000 Gain +0.50 +0.0000 Convention y ("
    )
    assert "identical" not in view.mean_table([A, LOSS], "rgb")
    assert "identical to their reference" in view.mean_table([A, SAME], "rgb")
    assert "Gain" not in view.mean_table([Score("a", {"psnr": 30.0, "ssim": 0.9})], "rgb")


def test_no_gain_is_claimed_where_result_and_input_are_infinite():
    assert "Result infinite 0.9500 Input infinite 0.9000 Gain - +0.0500" in words(
        view.mean_table([A, UNCHANGED], "rgb")
    )


def test_bars_go_both_ways_from_zero_lowest_first():
    html = view.bars([A, LOSS])
    assert "Gain in PSNR, dB, smallest first sub/loss -1.00 a +2.00" in words(html)
    (left, width), (start, length) = lengths(html)
    assert (left, round(width, 1)) == (0, 33.3)
    assert (round(start, 1), round(length, 1)) == (33.3, 66.7)


def test_bars_of_psnr_begin_at_zero():
    scores = [Score(str(value), {"psnr": value, "ssim": 0.9}) for value in (40.0, 10.0, 20.0)]
    assert lengths(view.bars(scores)) == [(0, 25), (0, 50), (0, 100)]


def test_what_is_infinite_has_no_bar_and_is_counted():
    html = view.bars([A, SAME, SPOILED])
    assert "without 2 infinite values" in words(html)
    assert len(lengths(html)) == 1
    assert view.bars([SAME]) == ""


def test_equal_scores_of_no_gain_are_drawn():
    assert lengths(view.bars([UNCHANGED, UNCHANGED])) == [(0, 0), (0, 0)]


def test_names_cannot_be_taken_for_markup():
    nasty = Score("<img src=x onerror=alert(1)>\"'\u202e", A.result, A.input)
    for html in (view.bars([nasty]), view.html("ending", 1, [f"{nasty.name}: no result"])):
        assert "<img" not in html
        assert "\u202e" not in html
        assert re.search(r"<img src=x onerror=alert\(1\)>\"'⟨U\+202E⟩", unescape(html))


def test_what_is_lower_the_better_says_so_and_its_losses_are_gains(monkeypatch):
    class Error(Metric):
        name, unit, places, higher_is_better = "error", "levels", 1, False

    monkeypatch.setitem(load_registry().metrics, "error", Error)
    better = Score("better", {"error": 2.0, "ms-ssim": 0.9}, {"error": 3.0, "ms-ssim": 0.8})
    worse = Score("worse", {"error": 5.0, "ms-ssim": 0.7}, {"error": 3.0, "ms-ssim": 0.8})
    html = view.bars([better, worse])
    assert "Gain in ERROR, levels, largest first worse +2.0 better -1.0" in words(html)
    assert re.findall(r"<i( class=loss)? style", html) == [" class=loss", ""]
    assert [(round(left, 1), round(width, 1)) for left, width in lengths(html)] == [(33.3, 66.7), (0, 33.3)]
    assert words(view.mean_table([better, worse], "rgb")).startswith(
        "Mean of 2 images ERROR, levels MS-SSIM Result 3.5 0.8000 Input 3.0 0.8000 Gain +0.5 +0.0000 Convention rgb"
    )
    assert words(view.mean_table([better], "rgb")).endswith("error: lower is better, also for gains.")
    alone = [Score(one.name, one.result) for one in (better, worse)]
    html = view.bars(alone)
    assert "ERROR, levels, highest first worse 5.0 better 2.0" in words(html)
    assert "loss" not in html
    assert lengths(html) == [(0, 100), (0, 40)]
    table = gr.Dataframe().postprocess(view.table([better]))
    assert table.headers[1:5] == ["ERROR", "MS-SSIM", "input ERROR", "gain ERROR"]


def test_the_worst_are_headed_by_what_they_are_the_worst_of(tmp_path, photo):
    from PIL import Image as PILImage

    paths = tmp_path / "result.png", tmp_path / "reference.png"
    for path, pixels in zip(paths, (255 - photo, photo), strict=True):
        PILImage.fromarray(pixels).save(path)
    figures = {"ssim": 0.25, "ms-ssim": 0.5}
    message = words(view.worst([Score("a", figures)], [("a", *paths, None)]))
    assert message.startswith(
        "Lowest SSIM, where the result is farthest from its reference a SSIM 0.2500, MS-SSIM 0.5000"
    )
    message = words(view.worst([Score("a", A.result, A.input)], [("a", *paths, None)]))
    assert message.startswith("Smallest gain in PSNR, where")
    assert "a PSNR 30.00 dB (gain +2.00), SSIM 0.9000 (gain +0.1000)" in message
