import os
import tempfile
import time
from types import SimpleNamespace

import pytest

pytest.importorskip("gradio")

from sharpcli.web.visits import PREFIX, Visits, visits


def visitor(name):
    return SimpleNamespace(session_hash=name)


@pytest.fixture
def found(tmp_path):
    return Visits(tmp_path)


def upload(found, content):
    folder = found.root / content
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_text(content)
    return folder / "a.png"


def test_a_visit_ends_with_its_files_and_leaves_those_of_others(found):
    mine, yours = found.folder(visitor("me")), found.folder(visitor("you"))
    own, both = upload(found, "own"), upload(found, "both")
    found.uses(visitor("me"), own, both)
    found.uses(visitor("you"), both)
    (mine / "result.png").write_text("x")
    found.leave(visitor("me"))
    assert not mine.exists()
    assert not own.exists()
    assert yours.exists()
    assert both.exists()
    found.leave(visitor("you"))
    assert list(found.root.iterdir()) == []


def test_what_lies_elsewhere_is_never_deleted(found, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine.png"
    elsewhere.write_text("x")
    deep = upload(found, "deep").parent / "sub" / "b.png"
    deep.parent.mkdir()
    deep.write_text("x")
    found.uses(visitor("me"), elsewhere, deep)
    found.leave(visitor("me"))
    assert elsewhere.exists()
    assert deep.exists()


def test_only_what_nobody_wrote_to_lately_is_swept(found):
    old, new, busy = upload(found, "old"), upload(found, "new"), found.folder(visitor("me"))
    (busy / "out").mkdir()
    long_ago = time.time() - 7200
    for path in (old, old.parent, busy):
        os.utime(path, (long_ago, long_ago))
    found.sweep()
    assert not old.exists()
    assert new.exists()
    assert busy.exists()


def test_folders_have_names_that_nobody_guesses(found):
    names = {found.folder(visitor("me")).name for _ in range(20)}
    assert len(names) == 20
    assert min(len(name) for name in names) >= 20


def test_what_a_killed_program_left_goes_and_what_a_running_one_uses_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "picture.png").write_text("x")
    with visits() as first:
        assert not left.exists()
        with visits() as second:
            assert first.root.exists()
            assert second.root != first.root
        assert not second.root.exists()
        assert first.root.exists()
    assert list(tmp_path.iterdir()) == []
