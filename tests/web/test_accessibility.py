"""The page by keyboard, and as axe sees it: every tab with its results, wide and light, then narrow and dark."""

import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

from sharpcli.web.widgets.examples import FOLDER
from tests.web.conftest import visit

SOFT, SHARP = FOLDER / "cat-soft.jpg", FOLDER / "cat.jpg"
# Beside the rules of WCAG 2.2 AA and good practice, which axe has on. All sections of Enhancers are of one template.
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
SEEN = {"exclude": ["#enhancers section ~ section"]}


def enhance(page, folder):
    page.locator("#examples").get_by_role("button", name="cat").click()
    page.locator("#enhance-status").and_(page.get_by_role("status")).get_by_text("megapixels").wait_for()


def compare(page, folder):
    page.locator("#compare-examples").get_by_role("button", name="cat").click()
    page.locator("#compare-crops figure").nth(3).wait_for()
    page.locator("#compare-notes").and_(page.get_by_role("status")).get_by_text("340 x 260").wait_for()


def batch(page, folder):
    page.locator("#batch-input input[type=file]").set_input_files(SOFT)
    page.locator("#batch-input .file-preview").wait_for()
    page.locator("#batch-start").click()
    page.locator("#batch-table").get_by_text("cat-soft.jpg").wait_for()
    page.locator("#batch-status").and_(page.get_by_role("status")).get_by_text("done").wait_for()


def score(page, folder):
    for name, file in {"results": SOFT, "references": SHARP}.items():
        (folder / name).mkdir()
        page.locator(f"#score-{name} input[type=file]").set_input_files(shutil.copy(file, folder / name / "cat.jpg"))
        page.locator(f"#score-{name} .file-preview").wait_for()
    page.locator("#score-start").click()
    page.locator("#score-worst img").nth(1).wait_for()


def live(page, folder):
    page.locator("#live-start").click()
    page.locator("#live-snapshot:enabled").wait_for()
    page.locator("#live-start").click()


TABS = {"Enhance": enhance, "Compare": compare, "Batch": batch, "Score": score, "Live": live, "Enhancers": None}


def looked_at(page, name):
    """What axe finds on a tab."""
    page.get_by_role("tab", name=name, exact=True).click()
    page.get_by_role("tabpanel").locator("visible=true").first.wait_for()
    page.wait_for_timeout(300)  # colours fade
    found = Axe().run(page, SEEN, RULES).response["violations"]
    return [f"{name}: {one['help']}: {node['html']}" for one in found for node in one["nodes"]]


def test_arrows_lead_through_the_tabs(browser_page):
    browser_page.locator("[role=tabpanel][aria-labelledby]").first.wait_for()  # the script has run
    browser_page.get_by_role("tab", name="Enhance", exact=True).focus()
    for key, name in {"ArrowRight": "Compare", "ArrowLeft": "Enhance"}.items():
        browser_page.keyboard.press(key)
        browser_page.get_by_role("tabpanel", name=name, exact=True).wait_for()
    browser_page.keyboard.press("ArrowLeft")
    browser_page.get_by_role("tabpanel", name="Enhancers").wait_for()


@pytest.mark.timeout(300)
def test_axe_finds_nothing_wrong_on_any_tab(browser, page_url, tmp_path):
    with visit(browser, page_url, viewport={"width": 1280, "height": 900}, color_scheme="light") as page:
        found = [looked_at(page, "Enhance"), looked_at(page, "Compare")]  # while they are empty
        for name, fill in TABS.items():
            page.get_by_role("tab", name=name, exact=True).click()
            if fill:
                fill(page, tmp_path)
            found.append(looked_at(page, name))
        page.set_viewport_size({"width": 390, "height": 844})
        page.evaluate("document.body.classList.add('dark')")
        found += [looked_at(page, name) for name in TABS]
        assert [problem for one in found for problem in one] == []
