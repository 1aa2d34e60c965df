import sys
from importlib.metadata import EntryPoint

import pytest

from sharpcli.errors import SharpError
from sharpcli.plugin.registry import build_registry
from sharpcli.plugin.sources import of_file

GOOD = """
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.plugin.hooks import hookimpl

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
    ("source", "message"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("raise SystemError('half installed')", "half installed"),
        (GOOD.replace("def enhancers", "def enhancer"), "enhancer"),
        (GOOD.replace("def enhancers()", "def enhancers(extra)"), "extra"),
        (GOOD.replace("return [Mine]", "return 1 / 0"), "ZeroDivisionError"),
        (GOOD.replace("return [Mine]", "return [Mine()]"), "not a subclass"),
        (GOOD.replace('name = "mine"', ""), "no name"),
        (TUPLE, "option size"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("", "implements no hook"),
        (GOOD.replace("@hookimpl", ""), "implements no hook"),
        (GOOD.replace("return [Mine]", "[Mine]"), "enhancers() must return a list of classes"),
        (GOOD.replace("return [Mine]", "return Mine"), "enhancers() must return a list of classes"),
    ],
    ids=[
        "import",
        "raises",
        "misspelt hook",
        "wrong argument",
        "hook raises",
        "instance",
        "nameless",
        "option's type",
        "exits",
        "empty",
        "unmarked hook",
        "returns nothing",
        "returns a class",
    ],
)
def test_a_broken_plugin_is_named_and_the_rest_works(point, source, message):
    registry = build_registry([point("broken_plugin", source), point("good_plugin", GOOD)])
    assert list(registry.found) == ["mine"]
    assert len(registry.broken) == 1
    assert registry.broken[0].origin.module == "broken_plugin"
    assert message in registry.broken[0].reason
    assert "\n" not in str(registry.broken[0])


def test_two_plugins_with_one_name_are_an_error_naming_both(point):
    with pytest.raises(SharpError, match=r"mine.*first_plugin.*second_plugin"):
        build_registry([point("first_plugin", GOOD), point("second_plugin", GOOD)])


def test_an_unknown_name_lists_those_that_exist(point):
    with pytest.raises(SharpError, match=r"unknown enhancer 'yours'; available: mine"):
        build_registry([point("good_plugin", GOOD)]).get("yours")


def test_a_missing_dependency_is_named_with_the_remedy(point):
    (broken,) = build_registry([point("needy_plugin", "from nothing_of_this_name.deep import part")]).broken
    assert "pip install nothing_of_this_name" in broken.remedy
    assert "SHARPCLI_DISABLE_PLUGINS=needy_plugin" in broken.remedy


def test_a_plugin_whose_own_module_is_gone_is_to_be_installed_again():
    (broken,) = build_registry([EntryPoint("gone", "gone_plugin", "sharpcli")]).broken
    assert broken.remedy == "install its package again"


@pytest.mark.parametrize("name", ["good_plugin", "GOOD-PLUGIN", " good.plugin "])
def test_a_plugin_can_be_left_out_by_name(point, monkeypatch, name):
    monkeypatch.setenv("SHARPCLI_DISABLE_PLUGINS", f"{name},nobody")
    registry = build_registry([point("good_plugin", GOOD)])
    assert not registry.found
    assert registry.notes == ["SHARPCLI_DISABLE_PLUGINS names 'nobody', but there is no such plugin"]


def test_a_loose_file_is_a_plugin_and_takes_part_once(tmp_path):
    (tmp_path / "my try.py").write_text(GOOD)
    registry = build_registry([], [of_file(tmp_path / "my try.py")])
    registry.add(of_file(tmp_path / "." / "my try.py"))
    assert registry.get("mine").origin.file == str(tmp_path / "my try.py")
    assert not registry.broken


def test_loose_files_of_one_name_do_not_mix(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "try.py").write_text(GOOD.replace('"mine"', f'"{folder}"'))
    registry = build_registry([], [of_file(tmp_path / folder / "try.py") for folder in ("one", "two")])
    assert sorted(registry.found) == ["one", "two"]
    assert registry.get("one").origin.file == str(tmp_path / "one" / "try.py")


def test_an_installed_plugin_and_a_loose_file_of_one_name_are_both_named(point, tmp_path):
    (tmp_path / "copy.py").write_text(GOOD)
    with pytest.raises(SharpError, match=r"good_plugin.*copy\.py.*SHARPCLI_DISABLE_PLUGINS"):
        build_registry([point("good_plugin", GOOD)], [of_file(tmp_path / "copy.py")])


@pytest.mark.parametrize("name", ["missing.py", "notes.txt", "folder"])
def test_a_file_that_is_no_plugin_is_refused(tmp_path, name):
    (tmp_path / "notes.txt").write_text("text")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SharpError, match="Python file"):
        of_file(tmp_path / name)


METRIC = """
from sharpcli.plugin.hooks import hookimpl
from sharpcli.plugin.metric import LocalMetric

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
    with pytest.raises(SharpError, match="unknown metric 'psnr'; available: my-error"):
        registry.metric("psnr")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"my-error"', '"my_error"', "single hyphens between them, such as ms-ssim"),
        ('"my-error"', '"My error"', "has 'My error'"),
        ('"my-error"', '"image"', "none of candidate, convention, ms, image"),
        ("radius = 1", "radius = -1", "radius of Mine must be an int of at least 0, not -1"),
        ("radius = 1", "least = 0", "least of Mine must be an int of at least 1, not 0"),
        ("radius = 1", "places = '2'", "places of Mine must be an int"),
        ("radius = 1", "unit = 3", "unit of Mine must be text"),
        ("radius = 1", "color = 'luma'", "must be 'convention' or 'rgb'"),
        ("radius = 1", "higher_is_better = 'no'", "higher_is_better of Mine must be True or False"),
        ("[Mine]", "[Mine()]", "not a subclass of sharpcli.plugin.metric.Metric"),
        ("LocalMetric):", "LocalMetric):\n    def __init__(self): 1 / 0", "ZeroDivisionError"),
    ],
)
def test_what_is_no_usable_metric_is_left_out_with_the_reason(point, before, after, message):
    (broken,) = build_registry([point("bad_metric", METRIC.replace(before, after))]).broken
    assert message in str(broken)
