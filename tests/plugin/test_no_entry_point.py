from importlib.metadata import PathDistribution

import pytest

from sharpcli.plugin.registry import without_entry_point


@pytest.fixture
def package(tmp_path):
    """Make an installed package of this name, with these lines of metadata and these entry points."""

    def make(name, lines="", points=""):
        folder = tmp_path / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{lines}")
        (folder / "entry_points.txt").write_text(points)
        return PathDistribution(folder)

    return make


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("blur", ""),
        ("sharpcli-blur", ""),
        ("sharpcli_blur", ""),
        ("other", "Requires-Dist: sharpcli>=0.1\n"),
        ("other", "Requires-Dist: numpy\nRequires-Dist: Sharpcli[web] ; python_version > '3'\n"),
    ],
)
def test_a_package_that_may_be_meant_is_named_with_what_it_lacks(package, name, lines):
    message = without_entry_point("blur", [package("unrelated"), package(name, lines)])
    assert message.startswith(f"{name} 1.0 is installed without an entry point")
    assert "[project.entry-points.sharpcli]" in message
    assert "unrelated" not in message


def test_packages_that_have_one_or_have_nothing_to_do_with_it_are_not_named(package):
    others = [
        package("sharpcli-blur", "Requires-Dist: sharpcli\n", "[sharpcli]\nblur = blur\n"),
        package("sharpcli-lens", points="[console_scripts]\nlens = lens:main\n"),
        package("tool", "Requires-Dist: sharpcli ; extra == 'images'\nRequires-Dist: sharpcli-lens\n"),
    ]
    assert without_entry_point("blur", others) == ""


def test_what_really_is_installed_can_be_searched():
    assert without_entry_point("no-package-has-this-name") == ""
    assert "numpy" in without_entry_point("numpy")
