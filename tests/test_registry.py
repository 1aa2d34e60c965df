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


METRIC = """
from sharpcli.hookspecs import hookimpl
from sharpcli.metric import LocalMetric

class Mine(LocalMetric):
    name = "my-error"
    summary = "sum of squares"
    radius = 1

@hookimpl
def metrics():
    return [Mine]
"""


def test_a_metric_is_found_by_its_name_and_knows_where_it_came_from(point):
    registry = build_registry([point("good_metric", METRIC)])
    assert not registry.broken
    assert registry.metric("my-error").origin.module == "good_metric"
    with pytest.raises(SharpError, match="no metric 'psnr'; there are my-error"):
        registry.metric("psnr")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"my-error"', '"my_error"', "single hyphens between them, such as ms-ssim"),
        ('"my-error"', '"My error"', "has 'My error'"),
        ('"my-error"', '"picture"', "none of candidate, convention, ms, picture"),
        ("radius = 1", "radius = -1", "radius of Mine must be an int of at least 0, not -1"),
        ("radius = 1", "least = 0", "least of Mine must be an int of at least 1, not 0"),
        ("radius = 1", "places = '2'", "places of Mine must be an int"),
        ("radius = 1", "unit = 3", "unit of Mine must be text"),
        ("radius = 1", "colour = 'luma'", "must be 'convention' or 'rgb'"),
        ("radius = 1", "higher_is_better = 'no'", "higher_is_better of Mine must be True or False"),
        ("[Mine]", "[Mine()]", "not a subclass of sharpcli.metric.Metric"),
        ("LocalMetric):", "LocalMetric):\n    def __init__(self): 1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_is_no_usable_metric_is_left_out_with_the_reason(point, before, after, said):
    (broken,) = build_registry([point("bad_metric", METRIC.replace(before, after))]).broken
    assert said in str(broken)
