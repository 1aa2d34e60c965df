from pathlib import Path

import pytest

from sharpcli.checks.find import subjects_of
from sharpcli.checks.subject import Failure
from sharpcli.errors import SharpError
from sharpcli.plugin import registry
from sharpcli.plugin.sources import of_file

PLUGIN = """
from sharpcli.plugin.enhancer import Enhancer, option
from sharpcli.plugin.hooks import hookimpl

class Mine(Enhancer):
    name = "mine"
    summary = "does nothing"
    amount: int = option(1, "how much of nothing", min=1, max=3)
    def enhance(self, pixels):
        return pixels

@hookimpl
def enhancers():
    return [Mine]
"""


@pytest.fixture
def loose(tmp_path):
    """Write a loose file and tell its path."""

    def write(source, name="mine.py"):
        (tmp_path / name).write_text(source)
        return str(tmp_path / name)

    return write


def test_without_names_it_is_all_that_is_installed():
    names = ["bicubic", "student", "student-large", "student-live", "teacher"]
    assert [subject.text for subject in subjects_of([])] == names


def test_a_name_may_bring_options():
    (subject,) = subjects_of(["student:profile=x2"])
    assert (subject.text, subject.enhancer.profile) == ("student:profile=x2", "x2")
    with pytest.raises(SharpError, match="deblur or photo or call or x2 or auto"):
        subjects_of(["student:profile=x9"])


def test_a_file_stands_for_all_of_its_enhancers_whatever_is_installed(loose):
    again = PLUGIN.replace("[Mine]", "[Mine, Student]").replace(
        "@hookimpl", "class Student(Mine):\n    name = 'student'\n@hookimpl"
    )
    file = loose(again)
    assert [subject.text for subject in subjects_of([file, file])] == ["mine", "student"]
    assert [subject.enhancer.amount for subject in subjects_of([f"{file}:amount=3"])] == [3, 3]
    assert registry.load_registry().get("student").__module__ == "sharpcli_student"


@pytest.mark.parametrize("source", ["import nothing_of_this_name", "1 / 0", "def", "raise SystemExit"])
def test_a_file_that_cannot_be_loaded_is_a_subject_that_says_so(loose, source):
    (subject,) = subjects_of([loose(source)])
    with pytest.raises(Failure, match=r"(Error|SystemExit).*mine"):
        _ = subject.enhancer


def test_an_installed_plugin_that_cannot_be_loaded_is_found_by_its_name(loose, monkeypatch):
    broken = registry.build_registry([], [of_file(Path(loose("1 / 0")))])
    for module in ("checks.find", "pipeline.spec"):
        monkeypatch.setattr(f"sharpcli.{module}.load_registry", lambda: broken)
    (subject,) = subjects_of(["mine"])
    with pytest.raises(Failure, match="ZeroDivisionError"):
        _ = subject.enhancer
    assert [subject.text for subject in subjects_of([])] == ["mine"]


def test_what_is_not_there_is_an_error(loose, tmp_path):
    with pytest.raises(SharpError, match="unknown enhancer 'nothing'"):
        subjects_of(["nothing"])
    with pytest.raises(SharpError, match="no plugin file"):
        subjects_of([str(tmp_path / "nothing.py")])
    with pytest.raises(SharpError, match="provides no enhancer"):
        subjects_of([loose(PLUGIN.replace("[Mine]", "[]"))])


def test_a_hook_for_commands_that_fails_is_reported_for_the_file_and_for_its_enhancers(loose, monkeypatch):
    file = loose(f"{PLUGIN}\n@hookimpl\ndef commands(group):\n    1 / 0\n")
    known = registry.build_registry([], [of_file(Path(file))])
    monkeypatch.setattr("sharpcli.checks.find.load_registry", lambda: known)
    monkeypatch.setattr("sharpcli.pipeline.spec.load_registry", lambda: known)
    for texts in ([file], ["mine"], []):
        (subject,) = subjects_of(texts)
        with pytest.raises(Failure, match=r"its hook commands\(\) failed: ZeroDivisionError"):
            subject.enhancer  # noqa: B018
