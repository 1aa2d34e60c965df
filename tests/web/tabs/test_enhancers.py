"""What is installed, as the page shows it."""

import json
import os
import subprocess
import sys

import pytest

from sharpcli.plugin.cards import Card, CardRow, Scores
from sharpcli.plugin.catalog import Catalog, Entry, Weights
from sharpcli.plugin.registry import Broken, load_registry
from sharpcli.plugin.sources import Origin
from sharpcli.web.tabs.enhancers import html
from tests.web.conftest import demo, open_settings, visit
from tests.web.tabs.test_enhance import SOFT, choose, download, give, status

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\"> {{1+1}} ${1+1}"
BAD = """
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.hooks import hookimpl

class Odd(Enhancer):
    name = "odd"
    summary = {hostile!r}
    amount: float = option(0.5, {hostile!r}, min=0, max=1)

    def enhance(self, pixels):
        return pixels

@hookimpl
def enhancers():
    return [Odd]
"""


def install(site, name, source):
    """What a package leaves where Python looks for packages: a module and its entry point."""
    (site / f"{name}.py").write_text(source)
    info = site / f"{name}-2.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 2.1\n")
    (info / "entry_points.txt").write_text(f"[sharpcli]\n{name} = {name}\n")


@pytest.fixture(scope="module")
def extended(with_unsharp, tmp_path_factory):
    """The address of a page with three more plugins: one that works, one that is hostile, one that is broken."""
    site = tmp_path_factory.mktemp("site")
    install(site, "odd", BAD.format(hostile=HOSTILE))
    install(site, "half", "import a_library_that_is_not_here")
    path = os.pathsep.join([str(site), with_unsharp["PYTHONPATH"]])
    with demo(environment={**with_unsharp, "PYTHONPATH": path}) as (address, _):
        yield address


def opened(page):
    page.get_by_role("tab", name="Enhancers").click()
    page.locator("#about-student").wait_for()
    return page.locator("#enhancers")


def test_each_network_is_shown_with_its_options_weights_and_figures(browser_page):
    opened(browser_page)
    for name in ("student", "student-live", "teacher"):
        section = browser_page.locator(f"#about-{name}")
        message = section.inner_text()
        cls = load_registry().get(name)
        assert "sharpcli 0.1.0 (sharpcli_" in message
        assert "Apache-2.0" in message
        for declared in cls.options():
            assert declared.help in message
        most = {}
        for path in cls.weights():
            card = json.loads(path.with_suffix(".json").read_text())
            line = section.locator("tr", has_text=path.name).inner_text()
            assert card["sha256"][:12] in line
            assert f"{card['parameters']:,}" in line
            for data, images in card["training"]["pack"]["folders"].items():
                most[data] = max(images, most.get(data, 0))
            for title, table in card["scores"].items():
                figures = section.locator("details", has_text=f"{path.name}: {title}, convention y")
                for row, result in table["result"].items():
                    text = figures.get_by_role("rowheader", name=row, exact=True, include_hidden=True).locator("..")
                    cells = [cell.strip() for cell in text.locator("td").all_text_contents()]
                    before, after = table["input"][row], result
                    if after["psnr"] is not None and before["psnr"] is not None:
                        gain = after["psnr"] - before["psnr"]
                        assert cells[:3] == [f"{before['psnr']:.2f}", f"{after['psnr']:.2f}", f"{gain:+.2f}"]
                    if "ssim" in before:
                        assert cells[3:5] == [f"{before['ssim']:.4f}", f"{after['ssim']:.4f}"]
        for data, images in most.items():
            assert f"{data} ({images} images)" in message


def test_an_installed_plugin_appears_by_itself(browser, extended):
    with visit(browser, extended, viewport={"width": 1280, "height": 900}) as page:
        opened(page)
        message = page.locator("#about-unsharp").inner_text()
        assert "adds back the detail that a Gaussian blur removes" in message
        assert "sharpcli-unsharp 1.2.3 (sharpcli_unsharp)" in message
        assert "fraction of the difference to add" in message
        assert "amount=0.6 (a number at least 0 and at most 3)" in message
        page.get_by_role("tab", name="Enhance", exact=True).click()
        open_settings(page)
        page.locator("#enhance-enhancer input").click()
        page.get_by_role("option", name="unsharp").click()
        options = page.locator("#enhance-options-unsharp")
        options.get_by_text("fraction of the difference to add").wait_for()
        assert options.locator("input[type=number]").input_value() == "0.6"


def test_an_installed_plugin_is_there_with_widgets_of_its_options(browser, extended, with_unsharp, tmp_path):
    with visit(browser, extended) as page:
        give(page, SOFT)
        status(page, "student (")
        open_settings(page)
        choose(page, "#enhance-enhancer", "unsharp")
        status(page, "unsharp (amount 0.6)")
        options = page.locator("#enhance-options-unsharp")
        assert "fraction of the difference to add" in options.inner_text()
        amount = options.locator("input[type=range]")
        assert (amount.get_attribute("min"), amount.get_attribute("max")) == ("0", "3")
        number = options.locator("input[type=number]")
        number.fill("1.5")
        number.press("Enter")
        number.blur()
        status(page, "unsharp (amount 1.5)")
        content = download(page)[1]
    command = [sys.executable, "-m", "sharpcli", "enhance", SOFT, "-o", tmp_path, "-e", "unsharp", "-O", "amount=1.5"]
    subprocess.run(command, env=with_unsharp, check=True, capture_output=True)
    assert content == (tmp_path / SOFT.name).read_bytes()


def test_a_broken_plugin_is_named_with_its_reason(browser, extended):
    with visit(browser, extended) as page:
        message = opened(page).locator(".left-out").inner_text()
        assert "half 2.1 (half)" in message
        assert "ModuleNotFoundError: No module named 'a_library_that_is_not_here'" in message
        assert page.locator("#about-half").count() == 0


def test_what_a_plugin_says_is_shown_as_text(browser, extended):
    with visit(browser, extended) as page:
        opened(page)
        section = page.locator("#about-odd")
        assert section.inner_text().count(HOSTILE) == 2
        assert section.locator("script, img").count() == 0
        assert page.title() == "sharpcli"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser, extended, scheme):
    with visit(browser, extended, viewport={"width": 390, "height": 844}, color_scheme=scheme) as page:
        opened(page)
        for summary in page.locator("#about-student summary").all():
            summary.click()
        page.locator("#about-student tbody th", has_text="scale 4, JPEG 50").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        tables = page.locator("#enhancers .scroll")
        scrolling = tables.evaluate_all("all => all.map(one => one.scrollWidth - one.clientWidth)")
        assert max(scrolling) > 0, "the test shows no table that has to scroll"
        wrong = page.locator("#enhancers p, #enhancers dd, #enhancers summary").evaluate_all(
            "all => all.filter(one => one.getBoundingClientRect().right > 390).map(one => one.innerText)"
        )
        assert wrong == []


def test_what_a_card_leaves_out_is_left_empty():
    scores = Scores(
        "mine", "rgb", (CardRow("set", {"psnr": 30.0, "lpips": 0.25}, {}), CardRow("other", {"psnr": None}, {}))
    )
    files = (
        Weights("full.onnx", 12_345_678, Card(scores=(scores,)), ()),
        Weights("gone.onnx", None, Card(), ("the file is missing; install its package again",)),
    )
    entry = Entry("mine", "sums up", Origin("mine"), None, "luma", "float32", None, (), files, ("no weights",))
    message = html(Catalog((entry,), (Broken(Origin("a"), "<b>"), Broken(Origin("b"), "late"))))
    for text in (
        "not stated",
        "12.3 MB",
        "missing",
        "30.00",
        "0.2500",
        "∞",
        "no weights",
        "&lt;b&gt;",
        "These plugins could not be loaded",
    ):
        assert text in message
    assert "gone.onnx: the file is missing" in message
    assert "None" not in message
