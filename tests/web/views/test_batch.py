from pathlib import Path
from types import SimpleNamespace

import pytest

from sharpcli.web.tasks.batch_files import BatchFile
from sharpcli.web.views.batch import SEEN, chosen, left, progress, table

UNKNOWN = dict.fromkeys(("width", "height", "output_width", "output_height"))


def file(name, status="done", reason=""):
    sizes = UNKNOWN if status == "failed" else {"width": 4, "height": 3, "output_width": 8, "output_height": 6}
    row = {"status": status, "reason": reason, "seconds": 1.26, **sizes} if status else None
    return BatchFile(name, Path("in", name), Path("out", name), Path("seen", "0"), row=row)


def batch(*files, doing="", **rest):
    over = sum(one.row is not None for one in files)
    known = {"problem": "", "in_hand": None, "over": over, "seconds_left": None, "ending": False}
    return SimpleNamespace(files=files, doing=doing, **known | rest)


def test_names_and_reasons_are_text_and_nothing_else():
    html = table(batch(file("<script>\u202e\n.png", "failed", "<b>&"), file('"><img>#.png')))
    assert "<script>" not in html
    assert '"><img>' not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;\\u202e\\n.png" in html
    assert "&lt;b&gt;&amp;" in html
    assert "file=seen/0/%22%3E%3Cimg%3E%23-sharp.png" in html


def test_each_keeps_its_place_while_it_runs_and_what_failed_is_first_at_the_end():
    files = [file("b.png"), file("c.png", "failed"), file("a.png")]
    for html, order in ((table(batch(*files, doing="sharpening")), "bca"), (table(batch(*files)), "cba")):
        places = [html.index(f">{name}.png") for name in order]
        assert places == sorted(places)
    assert "4 x 3 to 8 x 6" in table(batch(*files))
    assert "1.3 s" in table(batch(*files))


def test_what_is_not_done_has_neither_pictures_nor_a_download():
    files = [file("a.png"), file("b.png", ""), file("c.png", ""), file("d.png", "failed")]
    html = table(batch(*files, doing="sharpening", in_hand=Path("in", "b.png")))
    assert html.count("Download a-sharp.png") == html.count("<button") == 1
    assert "<td>processing</td>" in html
    assert "<td>waiting</td>" in html


def test_a_browser_is_shown_no_more_than_it_can_bear():
    files = [file(f"{index:05}.png") for index in range(SEEN + 50)]
    files += [file(f"{index:05}.png", "") for index in range(SEEN + 50, 2 * SEEN + 100)]
    html = table(batch(*files, doing="sharpening"))
    assert html.count("<tr class=") == SEEN
    assert f"Files {SEEN + 1} to {2 * SEEN} of {2 * SEEN + 100}." in html
    html = table(batch(*files))  # it was stopped
    assert html.count("<tr class=") == SEEN
    assert f"Files 1 to {SEEN} of {SEEN + 50}." in html
    assert table(batch()) == ""


def test_the_progress_counts_files_and_failures_and_tells_the_time_that_is_left():
    files = [file("a.png"), file("b.png", "failed"), file("c.png", "")]
    html = progress(batch(*files, doing="sharpening", seconds_left=170), 0)
    assert "2 of 3 files, 1 failed, about 3 min left" in html
    assert "2 before yours" in progress(batch(doing="waiting"), 2)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "less than 1 min left"), (31, "about 1 min left"), (3570, "about 1 h 0 min left"), (9000, "about 2 h 30 min")],
)
def test_times_are_told_as_roughly_as_they_are_known(seconds, text):
    assert left(seconds).startswith(text)


def test_what_was_chosen_is_counted(tmp_path):
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for path in paths:
        path.write_bytes(bytes(1_250_000))
    assert "Files: 2, 2.5 MB" in chosen(list(map(str, paths)))
    assert chosen(None) == ""
