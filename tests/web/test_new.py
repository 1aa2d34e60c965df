"""Plugins that `sharpcli new` wrote are on the page as soon as they are installed."""

import pytest

from tests.helpers.fresh import NETWORK, PLUGINS
from tests.web.conftest import client, demo, open_settings, visit

pytest.importorskip("gradio_client")


@pytest.fixture(scope="module")
def address(fresh):
    """The address of a page of the environment that they are installed in."""
    with demo(python=fresh.python) as (address, _):
        yield address


def test_a_program_finds_them(address):
    program = client(address)
    listing = {entry["name"]: entry for entry in program.predict(api_name="/enhancers")["enhancers"]}
    for name in PLUGINS:
        assert listing[name]["origin"]["distribution"] == f"sharpcli-{name}"
    (weights,) = listing[NETWORK]["weights"]
    assert weights["name"] == f"{NETWORK}.onnx"
    assert weights["card"]["parameters"] > 0


@pytest.mark.parametrize("name", PLUGINS)
def test_a_visitor_can_choose_them(browser, address, name):
    with visit(browser, address, viewport={"width": 1280, "height": 900}) as page:
        open_settings(page)
        page.locator("#enhance-enhancer input").click()
        page.get_by_role("option", name=name).click()
        assert page.locator("#enhance-enhancer input").input_value() == name
