import base64
import csv
import html
import io
import json
import os
import re
import tracemalloc
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli import __version__
from sharpcli.batch.report import BatchReport
from sharpcli.batch.report_formats import duration, visible
from sharpcli.batch.run import Item, Outcome
from sharpcli.errors import SharpError
from sharpcli.image.thumbnails import thumbnail

ABOUT = {
    "settings": {"command": "enhance", "enhancer": "student", "options": {"profile": "photo"}, "quality": None},
    "weights": {"student-photo.onnx": "ab" * 32},
}
NASTY = "<script>alert('1')</script>\n\"\u202egnp\udcff.jpg"
VOID = {"meta", "img", "input", "br"}


def outcome(name, status="done", reason="", **more):
    return Outcome(Item(Path("in") / name, Path("out") / name), status, reason, **more)


def done(name, **more):
    return outcome(name, size=(64, 48), out_size=(128, 96), in_bytes=1500, out_bytes=52_000, seconds=1.25, **more)


def batch():
    """Outcomes in the order in which they happened to end."""
    return [
        done("b.png"),
        outcome("c.png", "failed", "is damaged & gone"),
        outcome("d.png", "not reached"),
        done("a.png", reason="has now 8 bits"),
        outcome("aa.png", "skipped", "is there already"),
        outcome("z.png", "failed", "is empty"),
    ]


def write(path, outcomes, **summary):
    with BatchReport(path, ABOUT) as report:
        for one in outcomes:
            report.add(one)
        report.close(summary)
    return path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """The tags, attributes and text of a page; fails when a tag is not closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.addresses, self.words, self.cards, self.open = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        attributes = dict(attributes)
        self.addresses += [attributes[name] for name in ("src", "href", "action", "srcset") if name in attributes]
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "img":
            assert attributes["loading"] == "lazy"
        if tag == "article":
            self.cards.append((attributes["data-name"], attributes["data-status"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def test_the_page_has_failures_first_and_the_rest_by_path(tmp_path):
    page = Page(write(tmp_path / "r.html", batch(), interrupted=True))
    assert [Path(name).name for name, _ in page.cards] == ["c.png", "z.png", "a.png", "aa.png", "b.png", "d.png"]
    assert [status for _, status in page.cards] == ["failed", "failed", "done", "skipped", "done", "not reached"]


def test_the_page_says_what_happened_in_words(tmp_path):
    text = Page(write(tmp_path / "r.html", batch(), interrupted=True)).text
    for message in (
        "2 of 6 images done, 2 failed",
        "The batch was stopped early. 1 image was not processed.",
        "is damaged & gone",
        "has now 8 bits",
        "64 × 48 → 128 × 96 pixels",
        "1.5 kB → 52.0 kB",
        "1.2 s",
        "enhancer student",
        "profile: photo",
        "quality not set",
        "ab" * 32,
        f"sharpcli {__version__}",
    ):
        assert message in text


def test_a_finished_batch_is_not_called_stopped_and_needs_no_list_of_failures(tmp_path):
    page = Page(write(tmp_path / "r.html", [done("a.png")]))
    assert "1 of 1 image done" in page.text
    assert "stopped" not in page.text
    assert "Failures" not in page.text
    assert len(page.cards) == 1


@pytest.mark.parametrize("ending", ["json", "csv", "html"])
def test_settings_may_be_missing(tmp_path, ending):
    with BatchReport(tmp_path / f"r.{ending}", {}) as report:
        report.add(done("a.png"))
        report.close({})
    assert "a.png" in (tmp_path / f"r.{ending}").read_text()


def test_the_page_of_an_empty_batch_can_be_read(tmp_path):
    assert "0 of 0 images done" in Page(write(tmp_path / "r.html", [])).text


def test_names_and_reasons_cannot_become_part_of_the_page(tmp_path):
    harmless = Page(write(tmp_path / "r.html", [outcome("x.png", "failed", "y"), done("z.png")]))
    text = write(tmp_path / "r.html", [outcome(NASTY, "failed", NASTY), done(f"sub/{NASTY}")])
    page = Page(text)
    assert page.tags == harmless.tags
    assert "\u202e" not in text
    assert "alert('1')" in page.text
    assert "⟨U+000A⟩" in page.text  # a line break in a name
    assert "⟨U+202E⟩gnp\ufffd.jpg" in page.text  # the mark that would turn the ending round


def test_the_page_brings_all_it_needs(tmp_path):
    small = (
        thumbnail(np.full((90, 120, 3), 77, np.uint8), "RGB"),
        thumbnail(np.full((180, 240, 3), 99, np.uint8), "RGB"),
    )
    text = write(tmp_path / "r.html", [done("a.png", thumbnails=small), done("b.png")])
    page = Page(text)
    assert len(page.addresses) == 2
    for address, file in zip(page.addresses, small, strict=True):
        kind, data = address.split(",")
        assert kind == "data:image/webp;base64"
        assert base64.b64decode(data) == file
        PILImage.open(io.BytesIO(base64.b64decode(data))).load()
    assert "default-src 'none'" in html.unescape(text)
    assert not re.search(r"https?://|url\(|@import", text)
    assert "prefers-color-scheme: dark" in text


def test_only_the_page_wants_thumbnails_and_the_others_leave_them_out(tmp_path):
    sizes = []
    for ending in ("html", "json", "csv"):
        with BatchReport(tmp_path / f"r.{ending}", {}) as report:
            assert report.wants_thumbnails == (ending == "html")
        small = (bytes(100_000),) * 2
        sizes.append(len(write(tmp_path / f"r.{ending}", [done("a.png", thumbnails=small)])))
    assert sizes[0] > 200_000
    assert max(sizes[1:]) < 10_000


def test_the_table_has_a_row_an_image(tmp_path):
    rows = list(csv.DictReader(io.StringIO(write(tmp_path / "r.csv", batch()))))
    assert ",".join(rows[0]) == (
        "path,output,status,reason,width,height,output_width,output_height,bytes,output_bytes,seconds,"
        "frames,enhancer,options,weights"
    )
    assert [Path(row["path"]).name for row in rows] == ["a.png", "aa.png", "b.png", "c.png", "d.png", "z.png"]
    assert list(rows[0].values()) == [
        *(str(Path("in/a.png")), str(Path("out/a.png")), "done", "has now 8 bits", "64", "48", "128", "96"),
        *("1500", "52000", "1.25", "", "student", "profile=photo", f"student-photo.onnx={'ab' * 32}"),
    ]
    assert rows[3]["width"] == rows[3]["output_bytes"] == ""


def test_no_name_is_a_formula_in_a_spreadsheet(tmp_path):
    path = tmp_path / "r.csv"
    with BatchReport(path, {}) as report:
        report.add(Outcome(Item(Path("=1+1.png"), Path("-x.png")), "failed", "@SUM(A1)"))
        report.close({})
    (row,) = csv.DictReader(path.open(encoding="utf-8", newline=""))
    assert [row["path"], row["output"], row["reason"]] == ["'=1+1.png", "'-x.png", "'@SUM(A1)"]


def test_the_document_has_the_whole_and_every_image(tmp_path):
    document = json.loads(write(tmp_path / "r.json", batch(), interrupted=True))
    assert document["sharpcli"] == __version__
    assert {key: document[key] for key in ABOUT} == ABOUT
    began, ended = (datetime.fromisoformat(document[key]) for key in ("began", "ended"))
    assert began.utcoffset() == timedelta(0)
    assert began <= ended
    summary = document["summary"]
    assert summary.pop("seconds") >= 0
    counts = {"images": 6, "done": 2, "skipped": 1, "failed": 2, "not_reached": 1}
    assert summary == {**counts, "interrupted": True}
    assert [Path(one["path"]).name for one in document["images"]] == sorted(one.item.source.name for one in batch())
    assert document["images"][0] == {
        "path": str(Path("in/a.png")),
        "output": str(Path("out/a.png")),
        "status": "done",
        "reason": "has now 8 bits",
        **{"width": 64, "height": 48, "output_width": 128, "output_height": 96},
        **{"bytes": 1500, "output_bytes": 52000, "seconds": 1.25, "frames": None},
    }
    assert document["images"][3]["width"] is None


def test_a_setting_that_is_no_number_leaves_the_document_valid(tmp_path):
    with BatchReport(tmp_path / "r.json", {"settings": {"amount": float("inf")}}) as report:
        report.close({})
    assert json.loads((tmp_path / "r.json").read_text())["settings"]["amount"] == "Infinity"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@given(name=st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & set(b"/\0")))
def test_any_name_of_a_file_can_be_reported_and_had_back(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("r")
    given = Outcome(Item(Path("in") / os.fsdecode(name), Path("out.png")), "failed", os.fsdecode(name))
    for ending in ("json", "csv", "html"):
        write(folder / f"r.{ending}", [given])
    (one,) = json.loads((folder / "r.json").read_text(encoding="utf-8"))["images"]
    exact = unquote_to_bytes(one["path_exact"]) if "path_exact" in one else one["path"].encode()
    assert exact == os.fsencode(given.item.source)
    assert len(list(csv.reader((folder / "r.csv").open(encoding="utf-8", newline="")))) == 2
    assert len(Page((folder / "r.html").read_text(encoding="utf-8")).cards) == 1


@pytest.mark.parametrize("name", ["r.txt", "r", "html"])
def test_other_endings_are_refused_in_words(tmp_path, name):
    with pytest.raises(SharpError, match=r"must end in \.json, \.csv, \.html, not"):
        BatchReport(tmp_path / name, {})
    assert not list(tmp_path.iterdir())


def test_a_report_is_made_where_no_folder_is_yet(tmp_path):
    assert "a.png" in write(tmp_path / "new" / "deep" / "R.JSON", [done("a.png")])


def test_what_stands_in_the_way_is_reported_before_any_work(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(SharpError, match="cannot be written"):
        BatchReport(tmp_path / "file" / "r.json", {})
    with pytest.raises(SharpError, match="is a folder"):
        BatchReport(tmp_path / "folder.json", {})


@pytest.mark.parametrize("ending", ["json", "csv", "html"])
def test_a_report_that_is_not_finished_leaves_the_last_one_alone(tmp_path, ending, monkeypatch):
    path = tmp_path / f"r.{ending}"
    path.write_text("the last one")
    with pytest.raises(RuntimeError), BatchReport(path, ABOUT) as report:
        report.add(done("a.png"))
        raise RuntimeError

    def full(self, *statuses):
        yield from rows(self, *statuses)
        raise OSError(28, "No space left on device")

    rows = BatchReport._rows
    monkeypatch.setattr(BatchReport, "_rows", full)
    with pytest.raises(SharpError, match=r"cannot be written \(No space left on device\)"):
        write(path, batch())
    assert path.read_text() == "the last one"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["json", "csv", "html"])
def test_thousands_of_images_need_little_memory(tmp_path, ending):
    write(tmp_path / "warm.html", [])  # the template engine itself is not what is measured
    random = np.random.default_rng(0)
    path = tmp_path / f"r.{ending}"
    tracemalloc.start()
    try:
        with BatchReport(path, ABOUT) as report:
            for index in range(5000):
                small = random.bytes(4000), random.bytes(4000)
                report.add(done(f"{index:05}.png", thumbnails=small))
            report.close({})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (10e6 if ending == "html" else 5e6)  # the images alone have 40 MB
    assert path.stat().st_size > (50e6 if ending == "html" else 5e5)


@given(st.floats(0, 1e7))
def test_a_duration_names_no_sixty_seconds_or_minutes(seconds):
    assert not re.search(r"\b60 (s|min)\b", duration(seconds))


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(0, "0.0 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (185, "3 min 5 s"), (7800, "2 h 10 min")],
)
def test_durations_are_written_as_people_say_them(seconds, message):
    assert duration(seconds) == message


def test_letters_of_any_script_stay_visible_as_they_are():
    assert visible("صورة 写真 👩‍👩‍👧 ç.png") == "صورة 写真 👩‍👩‍👧 ç.png"
