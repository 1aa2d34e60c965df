import sys
from importlib.metadata import EntryPoint

import pytest

from sharpcli.errors import SharpError
from sharpcli.registry import build_registry

GOOD = """
from sharpcli.enhancer import Enhancer
from sharpcli.hookspecs import hookimpl

class Mine(Enhancer):
    name = "mine"
    summary = "does nothing"
    def enhance(self, pixels):
        return pixels

@hookimpl
def enhancers():
    return [Mine]
"""
TUPLE = GOOD.replace("import Enhancer", "import Enhancer, option").replace(
    "    def enhance", "    size: tuple = option((1, 2), 'no type that an option may have')\n    def enhance"
)


@pytest.fixture
def point(tmp_path, monkeypatch):
    """Make a module of this source and an entry point for it."""
    monkeypatch.syspath_prepend(tmp_path)
    made = []

    def make(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        made.append(name)
        return EntryPoint(name, name, "sharpcli")

    yield make
    for name in made:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("raise SystemError('half installed')", "half installed"),
        (GOOD.replace("def enhancers", "def enhancer"), "enhancer"),
        (GOOD.replace("def enhancers()", "def enhancers(extra)"), "extra"),
        (GOOD.replace("return [Mine]", "return 1 / 0"), "ZeroDivisionError"),
        (GOOD.replace("return [Mine]", "return [Mine()]"), "not a subclass"),
        (GOOD.replace('name = "mine"', ""), "no name"),
        (TUPLE, "option size"),
    ],
    ids=["import", "raises", "misspelt hook", "wrong argument", "hook raises", "instance", "nameless", "option's type"],
)
def test_a_broken_plugin_is_named_and_the_rest_works(point, source, said):
    registry = build_registry([point("broken_plugin", source), point("good_plugin", GOOD)])
    assert list(registry.found) == ["mine"]
    assert len(registry.broken) == 1
    assert registry.broken[0].origin.module == "broken_plugin"
    assert said in registry.broken[0].reason
    assert "\n" not in str(registry.broken[0])


def test_two_plugins_with_one_name_are_an_error_naming_both(point):
    with pytest.raises(SharpError, match=r"mine.*first_plugin.*second_plugin"):
        build_registry([point("first_plugin", GOOD), point("second_plugin", GOOD)])


def test_an_unknown_name_lists_those_that_exist(point):
    with pytest.raises(SharpError, match=r"no enhancer 'yours'; there are mine"):
        build_registry([point("good_plugin", GOOD)]).get("yours")
