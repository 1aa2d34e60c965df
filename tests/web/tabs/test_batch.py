import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image as PILImage

from tests.helpers.slow_enhancer import Slow
from tests.web.conftest import LEFT, demo, eventually, open_settings, said, visit, with_slow
from tests.web.tabs.test_enhance import choose

RUNNING = re.compile(r"[1-9]\d* of \d+ files.* left")
GRACE = "SHARPCLI_BATCH_GRACE"


def archived(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return path


def encoded(pixels, format, **options):
    file = io.BytesIO()
    PILImage.fromarray(pixels).save(file, format, **options)
    return file.getvalue()


@pytest.fixture
def holiday(tmp_path, photo):
    """An archive of three images and a text that says it is one, and the same as a folder."""
    members = [
        ("a.png", encoded(photo[:96, :128], "PNG")),
        ("beach/b.jpg", encoded(photo[100:196, 100:260], "JPEG", quality=80)),
        ("beach/renamed <b>text</b>.png", b"only text"),
        ("beach/ç.webp", encoded(photo[:64, :64], "WEBP")),
    ]
    for name, content in members:
        path = tmp_path / "holiday" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return archived(tmp_path / "holiday.zip", members)


@pytest.fixture
def many(tmp_path, photo):
    """An archive whose images take a while together."""
    content = encoded(photo, "JPEG")
    return archived(tmp_path / "many.zip", [(f"{index:03}.jpg", content) for index in range(150)])


def give(page, *files):
    page.get_by_role("tab", name="Batch").click()
    page.locator("#batch-input input[type=file]").set_input_files(files)
    page.locator("#batch-input .file").nth(len(files) - 1).wait_for()


def held(page, slow, files, more=2):
    """Start a batch that says how it goes, and stands still after so many images."""
    give(page, files)
    open_settings(page, "batch")
    choose(page, "#batch-enhancer", "slow")
    slow.allow(more)
    start(page)
    running(page)


def running(page):
    """Wait until it says how it goes, after its first image."""
    said(page, "#batch-status", RUNNING)


def start(page):
    page.locator("#batch-start").click()


def ended(page):
    """The line that tells how it went, once it is there."""
    page.locator("#batch-archive").wait_for()
    return page.locator("#batch-status").inner_text()


def rows(page):
    """The cells of each row."""
    return [row.locator("td").all_inner_texts() for row in page.locator("#batch-table tbody tr").all()]


def download(page, name):
    with page.expect_download() as waiting:
        page.locator(f"#batch-{name}").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def files_of(folder):
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in folder.rglob("[!.]*.*")}


def test_the_results_are_what_the_command_line_writes_and_the_bad_file_is_listed(browser_page, sharpcli, holiday):
    give(browser_page, holiday)
    start(browser_page)
    assert ended(browser_page).startswith("3 done, 1 failed in ")
    first, *others = rows(browser_page)
    assert first[1:3] == ["beach/renamed <b>text</b>.png\nis not an image that can be read", "failed"]
    cells = [row[1:4] for row in others]
    assert [[name.split("\n")[0], *rest] for name, *rest in cells] == [
        ["a.png", "done", "128 x 96"],
        ["beach/b.jpg", "done", "160 x 96"],
        ["beach/ç.webp", "done", "64 x 64"],
    ]
    assert all(name.split("\n")[1].startswith("undone: ") for name, *rest in cells)
    name, content = download(browser_page, "archive")
    assert name == "holiday-sharp.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        given = {member: archive.read(member) for member in archive.namelist()}
    reports = {report: given.pop(report) for report in ("report.html", "report.csv")}
    assert sharpcli("enhance", holiday.with_suffix(""), "-q").exit_code == 1
    assert given == files_of(holiday.with_name("holiday-sharp"))
    for button, report in (("report", "report.html"), ("csv", "report.csv")):
        assert download(browser_page, button) == (report, reports[report])
    assert b"webp;base64" in reports["report.html"]
    statuses = {row["path"]: row["status"] for row in csv.DictReader(io.StringIO(reports["report.csv"].decode()))}
    assert statuses == {
        **dict.fromkeys(("holiday/a.png", "holiday/beach/b.jpg", "holiday/beach/ç.webp"), "done"),
        "holiday/beach/renamed <b>text</b>.png": "failed",
    }
    assert not any(b"sharpcli-demo-" in report for report in reports.values())


def test_the_options_are_those_of_the_command_line(browser_page, sharpcli, tmp_path, photo):
    source = tmp_path / "in" / "a.jpg"
    source.parent.mkdir()
    exif = PILImage.Exif()
    exif[0x010E] = "a secret place"
    PILImage.fromarray(photo[:96, :128]).save(source, exif=exif)
    give(browser_page, source)
    open_settings(browser_page, "batch")
    browser_page.locator("#batch-upscale input[type=number]").fill("2")
    browser_page.locator("#batch-strength input[type=number]").fill("0.5")
    browser_page.locator("#batch-strip input").check()
    browser_page.locator("#batch-format input").click()
    browser_page.get_by_role("option", name="PNG").click()
    start(browser_page)
    assert ended(browser_page).startswith("1 done in ")
    assert "128 x 96 to 256 x 192" in rows(browser_page)[0]
    with zipfile.ZipFile(io.BytesIO(download(browser_page, "archive")[1])) as archive:
        result = archive.read("images-sharp/a.png")
    options = ["--upscale", 2, "--strength", 0.5, "--strip", "--format", "png"]
    assert sharpcli("enhance", source, "-o", tmp_path / "out", *options).exit_code == 0
    assert result == (tmp_path / "out" / "a.png").read_bytes()
    assert b"secret" not in result


def test_stop_ends_it_and_what_is_done_can_be_taken_home(browser, slow_page, slow, many):
    with visit(browser, slow_page[0], viewport={"width": 1280, "height": 900}) as page:
        held(page, slow, many)
        page.locator("#batch-stop").click()
        slow.let_go()
        message = ended(page)
        done, left = map(int, re.match(r"Interrupted: (\d+) done, (\d+) not processed", message).groups())
        assert done + left == 150
        with zipfile.ZipFile(io.BytesIO(download(page, "archive")[1])) as archive:
            assert len([name for name in archive.namelist() if name.startswith("many-sharp/")]) == done
            assert archive.testzip() is None
        assert len(rows(page)) == done
        # And it can begin again.
        slow.allow(2)
        start(page)
        running(page)
        assert not page.locator("#batch-archive").is_visible()
        page.locator("#batch-stop").click()
        slow.let_go()
        ended(page)


def test_without_images_one_sentence_says_so(browser_page, tmp_path):
    browser_page.get_by_role("tab", name="Batch").click()
    start(browser_page)
    said(browser_page, "#batch-status", "no images yet; add some first")
    give(browser_page, archived(tmp_path / "a.zip", [("notes.txt", "x")]))
    start(browser_page)
    said(browser_page, "#batch-status", "the uploads contain no images")
    browser_page.locator("#batch-start:enabled").wait_for()
    browser_page.locator("#batch-stop:disabled").wait_for()


def test_what_was_chosen_is_counted_before_it_starts(browser_page, tmp_path, photo):
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(encoded(photo, "PNG"))
    give(browser_page, tmp_path / "a.png", tmp_path / "b.png")
    size = sum(path.stat().st_size for path in tmp_path.iterdir()) / 1e6
    browser_page.locator("#batch-chosen").get_by_text(f"Files: 2, {size:.1f} MB").wait_for()


def test_while_it_runs_each_result_is_seen_and_saved_and_a_reload_loses_nothing(browser, slow_page, slow, many):
    with visit(browser, slow_page[0], expected=LEFT) as page:
        held(page, slow, many, more=5)
        page.reload()
        # Its tab is opened by that, with nothing clicked.
        running(page)
        page.set_viewport_size({"width": 390, "height": 844})
        row = page.locator("#batch-table tr.done").filter(has_text="000.jpg")
        with page.expect_download() as waiting:
            row.get_by_role("link").click()
        assert waiting.value.suggested_filename == "000-sharp.jpg"
        assert waiting.value.path().stat().st_size
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        opener = row.get_by_role("button")
        for _ in range(2):
            opener.click()
            images = page.get_by_role("dialog").get_by_role("img")
            images.nth(1).wait_for()
            assert [image.get_attribute("alt") for image in images.all()] == ["Before", "After"]
            page.wait_for_function("[...document.querySelectorAll('dialog img')].every(one => one.naturalWidth == 449)")
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
        assert opener.evaluate("one => one === document.activeElement")
        assert page.locator("#batch-archive").count() == 0
        page.locator("#batch-stop").click()
        slow.let_go()
        message = ended(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.reload()
        page.get_by_role("tab", name="Batch").click()
        assert ended(page) == message
        assert download(page, "archive")[0] == "many-sharp.zip"


def test_who_leaves_ends_the_batch_makes_room_for_the_next_and_leaves_no_file(browser, tmp_path, many, holiday):
    place, folder = tmp_path / "tmp", tmp_path / "slow"
    place.mkdir()
    left = lambda: [path for path in place.glob("sharpcli-demo-*/visit-*") if list(path.glob("work/many*"))]  # noqa: E731
    with demo(environment={"TMPDIR": str(place), GRACE: "5", **with_slow(folder)}) as (address, _):
        slow = Slow(folder)
        with visit(browser, address) as page:
            held(page, slow, many)
            assert left()
        with visit(browser, address) as page:
            give(page, holiday)
            start(page)
            said(page, "#batch-status", "before yours")
            slow.let_go()
            assert ended(page).startswith("3 done, 1 failed")
            assert eventually(lambda: not left())
