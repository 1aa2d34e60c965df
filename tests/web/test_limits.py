"""What a page refuses: images too large for it, and options that name files of the machine that serves it."""

from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError
from PIL import Image as PILImage

from sharpcli.errors import SharpError
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin import Enhancer, option
from sharpcli.plugin.catalog import Catalog, _entry
from sharpcli.plugin.registry import Broken, Found, load_registry
from sharpcli.plugin.sources import Origin
from sharpcli.web.context import Page
from sharpcli.web.limits import Limits
from sharpcli.web.tabs.enhancers import html
from sharpcli.web.tasks.compare import compared
from sharpcli.web.tasks.frames import sharpened_frame
from sharpcli.web.visitors.files import Visits
from sharpcli.web.widgets.enhancer_choice import EnhancerChoice, widget
from tests.web.conftest import client, demo, toast, visit
from tests.web.tabs import test_batch as batch
from tests.web.tabs.test_enhance import SOFT, clear, give, status
from tests.web.visitors.test_files import visitor

OPERATORS = "/srv/network.pth"
SHARED = Limits(paths=False)


class Mine(Enhancer):
    name, summary = "mine", "takes a file"
    model: str = option(OPERATORS, "the file of a network", kind="path")
    amount: float = option(1.0, "how much", min=0, max=2)

    def enhance(self, pixels):
        return pixels


@pytest.fixture(scope="module")
def limited():
    """The address of a page that accepts a tenth of a megapixel, and 2 MB."""
    with demo("--max-megapixels", "0.1", "--max-upload", "2") as (address, _):
        yield address


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setitem(load_registry().found, "mine", Found(Mine, Origin("mine")))


def test_only_where_nobody_else_comes_a_visitor_names_files():
    assert Limits().create("mine", {"model": "/etc/passwd"}).model == "/etc/passwd"
    assert SHARED.create("mine", {"amount": 2}).model == OPERATORS
    for given in ("/etc/passwd", "", None, ["/etc/passwd"]):
        with pytest.raises(SharpError, match="option model of mine names a file on the server"):
            SHARED.create("mine", {"model": given})


def test_the_plugin_never_sees_a_file_that_a_visitor_names(monkeypatch):
    def looked(self):
        raise AssertionError(f"looked at {self.model}")

    monkeypatch.setattr(Mine, "__post_init__", looked, raising=False)
    with pytest.raises(SharpError, match="only be set by the operator"):
        SHARED.create("mine", {"model": "/etc/passwd"})


def test_compare_takes_no_file_that_a_visitor_names(tmp_path, photo):
    PILImage.fromarray(photo[:40, :40]).save(tmp_path / "a.png")
    specs = (EnhancerSpec.parse("mine:model=/etc/passwd"),)
    asked = (tmp_path / "a.png", 1, specs, None, "rgb")
    with pytest.raises(SharpError, match="option model of mine"):
        next(compared(Page(Visits(tmp_path), SHARED), visitor("me"), None, asked, None, 0))


def test_a_shared_page_shows_nothing_of_the_servers_files():
    broken = Broken(Origin("bad", file="/srv/bad.py"), "ImportError in /srv/bad.py, line 3", "edit /srv/bad.py", "bad")
    entry = replace(_entry(Found(Mine, Origin("mine", file="/srv/mine.py"))), problems=("cannot read /srv/weights",))
    installed = Catalog((entry,), (broken,))
    for text in (html(SHARED.shown(installed)), str(SHARED.shown(installed).as_dict())):
        assert "/srv" not in text
        assert "failed to load; see the server" in text
    assert "line 3" in html(Limits().shown(installed))
    settings = {"options": {"model": OPERATORS, "amount": 1.0}, "upscale": 1}
    assert SHARED.recorded(Mine(), settings) == {"options": {"amount": 1.0}, "upscale": 1}
    assert Limits().recorded(Mine(), settings) == settings


def test_a_frame_is_refused_too():
    with pytest.raises(SharpError, match="option model of mine"):
        sharpened_frame({"enhancer": "mine", "options": {"model": "/etc/passwd"}, "frame": ""}, SHARED, {})


@pytest.mark.parametrize(("limits", "shown"), [(Limits(), OPERATORS), (SHARED, "")])
def test_the_page_tells_no_visitor_the_operators_file(limits, shown):
    model = Mine.options()[0]
    box = widget(model, limits.paths)
    assert (box.value, box.interactive is not False) == (shown, limits.paths)
    with gr.Blocks():
        choice = EnhancerChoice(limits, "mine")
    values = {one.label: one.value for one in choice.inputs}
    assert values["model"] == shown
    assert choice.chosen("mine", *(one.value for one in choice.inputs[1:])).model == OPERATORS


def test_what_is_too_large_is_refused_in_words(browser, limited, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (1100, 1000, 3), np.uint8)
    PILImage.fromarray(noise).save(tmp_path / "heavy.png")
    PILImage.fromarray(noise).save(tmp_path / "wide.jpg", quality=10)
    with visit(browser, limited) as page:
        give(page, tmp_path / "wide.jpg")
        assert "Wide.jpg has 1.1 megapixels; this page accepts up to 0.1" in toast(page)
        clear(page)
        give(page, SOFT)
        status(page, "280 x 280")
    with visit(browser, limited, expected=("413",)) as page:
        give(page, tmp_path / "heavy.png")
        assert "maximum allowed size" in toast(page)


def test_an_image_over_the_limit_fails_alone(browser, limited, tmp_path, photo):
    PILImage.fromarray(photo[:200, :300]).save(tmp_path / "small.png")
    PILImage.fromarray(photo).resize((400, 300)).save(tmp_path / "large.png")
    with visit(browser, limited) as page:
        batch.give(page, tmp_path / "small.png", tmp_path / "large.png")
        batch.start(page)
        assert batch.ended(page).startswith("1 done, 1 failed")
        assert "has 0.2 megapixels; this page accepts up to 0.1" in "".join(batch.rows(page)[0])


def test_the_limit_of_pixels_holds_for_programs_too(limited, tmp_path, photo):
    PILImage.fromarray(photo[:119, :159]).save(tmp_path / "small.png")
    PILImage.new("RGB", (400, 300)).save(tmp_path / "large.png")
    program, image = client(limited, download_files=tmp_path / "downloads"), handle_file(tmp_path / "small.png")
    with pytest.raises(AppError, match=r"mall\.png has .* up to 0\.1$"):
        program.predict(image, upscale=3, api_name="/enhance")
    with pytest.raises(AppError, match=r"arge\.png has .* up to 0\.1$"):
        program.predict(image, handle_file(tmp_path / "large.png"), api_name="/score")
    file, _ = program.predict(image, api_name="/enhance")
    assert Path(file).stat().st_size
