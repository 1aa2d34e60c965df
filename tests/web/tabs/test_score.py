import re
import shutil
import zipfile
from pathlib import Path

import pytest
from PIL import Image as PILImage

from tests.web.conftest import said, toast


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Where the first test leaves the three folders for the others."""
    return tmp_path_factory.mktemp("made") / "sets"


@pytest.fixture
def sets(sharpcli, folder, made, tmp_path):
    """Folders of three results, references and inputs, all flat; a test's own, to change as it likes."""
    if not made.exists():
        references, inputs, results = (tmp_path / "new" / name for name in ("references", "inputs", "results"))
        references.mkdir(parents=True)
        for path in sorted(folder.rglob("*.*")):
            shutil.copy(path, references)
        assert sharpcli("degrade", references, "-o", inputs).exit_code == 0
        assert sharpcli("enhance", inputs, "-o", results, "-O", "profile=x2").exit_code == 0
        references.parent.rename(made)
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return {name: tmp_path / name for name in ("results", "references", "inputs")}


@pytest.fixture
def tab(browser_page):
    browser_page.get_by_role("tab", name="Score").click()
    return browser_page


def give(page, name, files):
    page.locator(f"#score-{name} input[type=file]").set_input_files(files)
    page.locator(f"#score-{name} .file-preview").wait_for()


def score(page, sets):
    for name, folder in sets.items():
        give(page, name, sorted(path for path in folder.iterdir() if not path.name.startswith(".")))
    page.locator("#score-start").click()


def choose(page, *metrics):
    """Tick these, or take their ticks away."""
    for name in metrics:
        page.locator("#score-metrics").get_by_text(re.compile(f"^{name.upper()}: ")).click()


def status(page, text):
    """Wait until the line below the buttons says this."""
    return said(page, "#score-status", text)


def csv(page):
    with page.expect_download() as waiting:
        page.locator("#score-csv").click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def rows(page):
    """The cells of the table, row by row."""
    for _ in range(300):  # Gradio draws it a moment after the status line
        cells = re.sub(r"\s*⋮\s*", " ", page.locator("#score-table").inner_text()).split()
        found = [tuple(cells[at : at + 7]) for at in range(len(cells) - 21, len(cells), 7)]
        if all(len(row) == 7 and re.fullmatch(r"[\d.]+|infinite", row[1]) for row in found):
            break
        page.wait_for_timeout(100)
    return found


@pytest.mark.parametrize("convention", ["rgb", "y"])
def test_the_csv_is_what_the_command_line_writes_and_the_table_shows_the_same(tab, sets, sharpcli, convention):
    tab.locator("#score-convention").get_by_text(f"{convention}:").click()
    score(tab, sets)
    status(tab, "3 scored")
    report = sets["results"].with_name("scores.csv")
    options = ["--input", sets["inputs"], "--convention", convention, "--report", report]
    message = sharpcli("score", sets["results"], sets["references"], *options).stdout.splitlines()
    assert csv(tab) == ("scores.csv", report.read_bytes())
    assert rows(tab) == [tuple(line.split()) for line in message[1:4]]
    mean = tab.locator("#score-mean").inner_text()
    assert f"Convention {convention} (" in mean
    psnr, ssim, input_psnr, gain_psnr, input_ssim, gain_ssim = message[4].split()[1:]
    for line in (f"Result {psnr} {ssim}", f"Input {input_psnr} {input_ssim}", f"Gain {gain_psnr} {gain_ssim}"):
        assert line in re.sub(r"\s+", " ", mean)


def test_chosen_metrics_are_reported_and_no_others(tab, sets, sharpcli, photo):
    for folder in sets.values():
        for path in folder.glob("*.*g"):
            path.unlink()
        PILImage.fromarray(photo // (1 if folder.name == "references" else 2)).save(folder / "a.png")
    choose(tab, "psnr", "ms-ssim")
    score(tab, sets)
    status(tab, "1 scored")
    report = sets["results"].with_name("scores.csv")
    options = ["--input", sets["inputs"], "-m", "ssim", "-m", "ms-ssim", "--report", report]
    assert sharpcli("score", sets["results"], sets["references"], *options).exit_code == 0
    assert csv(tab)[1] == report.read_bytes()
    assert "SSIM\tMS-SSIM" in tab.locator("#score-mean").inner_text()
    assert "Gain in SSIM, smallest first" in tab.locator("#score-bars").inner_text()
    choose(tab, "ssim", "ms-ssim")
    tab.locator("#score-start").click()
    assert "Select at least one metric" in toast(tab)


def test_the_table_can_be_sorted_by_any_column_and_infinite_is_the_highest(tab, sets):
    shutil.copy(sets["references"] / "a.png", sets["results"])
    score(tab, sets)
    status(tab, "3 scored")
    heading = tab.locator("#score-table [data-testid='header-1']").last
    for order in ("descending", "ascending"):
        heading.get_by_role("button", name="Open cell menu").click()
        tab.get_by_text(f"Sort {order}").click()
        for _ in range(300):
            shown = [float(row[1].replace("infinite", "inf")) for row in rows(tab)]
            if shown == sorted(shown, reverse=order == "descending"):
                break
            tab.wait_for_timeout(100)
        else:
            pytest.fail(f"not {order}: {shown}")


def test_without_inputs_there_is_no_gain_and_the_lowest_psnr_comes_first(tab, sets):
    del sets["inputs"]
    score(tab, sets)
    status(tab, "3 scored")
    tab.locator("#score-bars li").first.wait_for()
    bars = tab.locator("#score-bars b").all_inner_texts()
    assert bars == sorted(bars, key=float)
    assert len(bars) == 3
    assert "gain" not in tab.locator("#score-table").inner_text()
    worst = tab.locator("#score-worst")
    assert worst.locator("h3").first.inner_text() == tab.locator("#score-bars span").first.inner_text()
    assert worst.locator("img").count() == 6
    assert worst.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 1)")


def test_a_folder_can_come_as_an_archive_and_keeps_its_subfolders(tab, sets, folder, sharpcli):
    archive = sets["results"].with_name("originals.zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(folder.rglob("*.*")):
            packed.write(path, Path("holiday") / path.relative_to(folder))
    for name in ("results", "references"):
        give(tab, name, archive)
    tab.locator("#score-start").click()
    status(tab, "3 scored")
    report = archive.with_name("scores.csv")
    assert sharpcli("score", folder, folder, "--report", report).exit_code == 0
    assert csv(tab)[1] == report.read_bytes()
    assert "identical" in tab.locator("#score-mean").inner_text()


def test_a_missing_partner_is_reported_by_the_names_that_the_visitor_knows(tab, sets):
    (sets["references"] / "a.png").rename(sets["references"] / "z.png")
    score(tab, sets)
    assert "Results/a.png has no counterpart in references" in toast(tab)
    assert "Results/a.png has no counterpart in references" in status(tab, "Nothing was scored")


def test_a_button_pressed_too_early_says_what_is_missing(tab, sets):
    give(tab, "results", sorted(sets["results"].glob("*.*g")))
    tab.locator("#score-start").click()
    assert "No references yet" in toast(tab)


def test_what_cannot_be_scored_is_listed_with_its_reason_and_the_others_are_scored(tab, sets):
    (sets["results"] / "a.png").write_text("not an image")
    PILImage.new("RGB", (100, 50)).save(sets["inputs"] / "b.png")
    shutil.copy(sets["references"] / "a.png", sets["references"] / "more.png")
    score(tab, sets)
    message = status(tab, "1 scored, 3 failed")
    assert "results/a.png: is not an image" in message
    assert "inputs/b.png: the sizes differ: 100x50 but 160x96" in message
    assert "more: no result for this reference" in message
    assert tab.locator("#score-bars li").count() == 1


def test_where_nothing_can_be_scored_there_is_no_table(tab, sets):
    for path in sets["results"].glob("*.*g"):
        path.write_text("not an image")
    score(tab, sets)
    assert status(tab, "No pair could be scored").count("is not an image") == 3
    assert not tab.locator("#score-table").is_visible()


def test_a_scoring_can_be_stopped_and_begun_again(tab, sets, photo):
    many = sets["results"].with_name("many")
    many.mkdir()
    large = PILImage.fromarray(photo).resize((1500, 1000))
    large.save(many / "0.jpg")
    for number in range(1, 80):
        (many / f"{number}.jpg").hardlink_to(many / "0.jpg")
    score(tab, {"results": many, "references": many})
    status(tab, "of 80 scored")
    tab.locator("#score-stop").click()
    status(tab, "Stopped.")
    assert tab.locator("#score-stop").is_disabled()
    for name in ("results", "references"):
        tab.locator(f"#score-{name}").get_by_label("Clear").click()
    score(tab, {"results": sets["results"], "references": sets["references"]})
    status(tab, "3 scored")
