"""A new plugin has a name that works, and is written whole or not at all."""

import os
import subprocess
import sys

import pytest

from sharpcli.errors import SharpError
from sharpcli.scaffold.package import LONGEST, check_new_name, new_plugin

LONG = "a-" * (LONGEST // 2 - 1) + "ab"


@pytest.mark.packaging
@pytest.mark.parametrize("name", ["a", "x-ray-2", "import", "none", "2x", "class", "any", LONG])
def test_any_good_name_gives_clean_code(tmp_path, name):
    folder = new_plugin(name, tmp_path / "p")
    for command in (["check", "."], ["format", "--check", "."]):
        ruff = [sys.executable, "-m", "ruff", *command]
        done = subprocess.run(ruff, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    module = f"sharpcli_{name.replace('-', '_')}"
    code = f"import {module} as m; (cls,) = m.enhancers(); assert cls.name == {name!r}; cls()"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("Soft Light", "soft-light"),
        ("é", "e"),
        ("../evil", "evil"),
        ("a_b", "a-b"),
        ("-a-", "a"),
        ("a--b", "a-b"),
        ("sharpcli-foo", "foo"),
        ("a\nb", "a-b"),
        (LONG + "x", LONG),
    ],
)
def test_another_name_is_refused_with_the_nearest_that_works(name, suggested):
    with pytest.raises(SharpError) as refused:
        check_new_name(name)
    assert str(refused.value).endswith(f", such as {suggested}")
    assert "\n" not in str(refused.value)
    check_new_name(suggested)


@pytest.mark.parametrize("name", ["", "-", "日本"])
def test_where_nothing_is_near_the_rule_is_reported(name):
    with pytest.raises(SharpError, match="use lower-case letters a-z, digits and single hyphens"):
        check_new_name(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("student", r"an enhancer 'student' already exists in sharpcli .* \(sharpcli_student\)"),
        ("metrics", "a plugin 'metrics' already exists"),
        ("training", "a plugin 'training' already exists"),
    ],
)
def test_a_name_that_is_taken_is_refused(name, words):
    with pytest.raises(SharpError, match=words):
        check_new_name(name)


def test_a_module_of_that_name_is_not_hidden(tmp_path, monkeypatch):
    (tmp_path / "sharpcli_hidden.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SharpError, match="a module sharpcli_hidden already exists"):
        check_new_name("hidden")


def test_an_empty_folder_is_filled_and_stays_the_one_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    new_plugin("here", tmp_path)
    assert tmp_path.stat().st_ino == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".gitignore",
        "README.md",
        "pyproject.toml",
        "sharpcli_here.py",
        "tests",
    ]


def test_a_folder_that_holds_something_and_a_file_are_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SharpError, match="is not empty"):
        new_plugin("here", tmp_path)
    with pytest.raises(SharpError, match="is a file"):
        new_plugin("here", tmp_path / "file")
    with pytest.raises(SharpError, match="cannot write"):
        new_plugin("here", tmp_path / "file" / "below")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("there", [True, False])
def test_nothing_is_left_of_one_that_fails(tmp_path, there):
    def full(*given):
        raise OSError(28, "No space left on device")

    folder = tmp_path / "p"
    if there:
        folder.mkdir()
    with pytest.raises(SharpError, match="No space left on device"):
        new_plugin("here", folder, move=full)
    assert list(tmp_path.rglob("*")) == ([folder] if there else [])


def test_what_a_killed_run_left_in_the_folder_does_not_fill_it(tmp_path):
    (tmp_path / "p" / ".sharpcli-1.part").mkdir(parents=True)
    os.utime(tmp_path / "p" / ".sharpcli-1.part", (0, 0))
    folder = new_plugin("here", tmp_path / "p")
    assert not (folder / ".sharpcli-1.part").exists()
    assert (folder / "pyproject.toml").exists()


def test_others_may_read_it_as_any_new_folder(tmp_path):
    (tmp_path / "usual").mkdir()
    folder = new_plugin("here", tmp_path / "p")
    assert folder.stat().st_mode == (tmp_path / "usual").stat().st_mode
