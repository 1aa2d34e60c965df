"""Options that name files of the machine that serves the page: its operator's business alone, once others reach it."""

import gradio as gr
import pytest

from sharpcli.errors import SharpError
from sharpcli.plugin import Enhancer, option
from sharpcli.plugin.registry import Found, load_registry
from sharpcli.plugin.sources import Origin
from sharpcli.web.limits import Limits
from sharpcli.web.tasks.frames import sharpened_frame
from sharpcli.web.widgets.enhancer_choice import EnhancerChoice, widget

OPERATORS = "/srv/network.pth"
SHARED = Limits(paths=False)


class Mine(Enhancer):
    name, summary = "mine", "takes a file"
    model: str = option(OPERATORS, "the file of a network", kind="path")
    amount: float = option(1.0, "how much", min=0, max=2)

    def enhance(self, pixels):
        return pixels


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    monkeypatch.setitem(load_registry().found, "mine", Found(Mine, Origin("mine")))


def test_only_where_nobody_else_comes_a_visitor_names_files():
    assert Limits().permitted(Mine(model="/etc/passwd")).model == "/etc/passwd"
    assert SHARED.permitted(Mine(amount=2)).model == OPERATORS
    with pytest.raises(SharpError, match="option model of mine names a file on the server"):
        SHARED.permitted(Mine(model="/etc/passwd"))


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
