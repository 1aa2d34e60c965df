import os
import tempfile
import time
from types import SimpleNamespace

import pytest

from sharpcli.errors import SharpError
from sharpcli.web.visitors.files import NEW_PREFIX, PREFIX, Visits, visits


def visitor(name):
    return SimpleNamespace(session_hash=name)


@pytest.fixture
def found(tmp_path):
    return Visits(tmp_path)


def upload(found, name):
    folder = found.root / f"upload-{name}"
    folder.mkdir(exist_ok=True)
    (folder / "a.png").write_text(name)
    return folder / "a.png"


def test_a_visit_ends_with_its_files_and_leaves_those_of_others(found):
    mine, yours = found.folder(visitor("me")), found.folder(visitor("you"))
    own, other = upload(found, "own"), upload(found, "other")
    found.claim("me", str(own))
    (mine / "result.png").write_text("x")
    found.leave(visitor("me"))
    assert not mine.exists()
    assert not own.exists()
    assert yours.exists()
    assert other.exists()


def test_what_is_written_after_a_visit_has_ended_goes_when_the_run_does(found):
    found.arrive("me")
    own = upload(found, "own")
    found.claim("me", str(own))
    with pytest.raises(SharpError, match="the session has ended"), found.filled(visitor("me")) as folder:
        found.leave(visitor("me"))
        found.depart("me")
        for place in (folder, own.parent):
            place.mkdir()
            (place / "picture.png").write_text("the whole picture")
    assert not folder.exists()
    assert not own.parent.exists()
    with pytest.raises(SharpError, match="the session has ended"):
        found.folder(visitor("me"))


def test_what_a_visit_that_has_ended_names_once_more_is_swept_at_once(found):
    found.leave(visitor("me"))
    own, other = upload(found, "own"), upload(found, "other")
    found.claim("me", str(own))
    found.sweep()
    assert not own.exists()
    assert other.exists()


def test_a_page_that_lost_its_connection_keeps_its_files(found):
    found.arrive("me")
    mine = found.folder(visitor("me"))
    found.arrive("me")  # again, before the server sees that the first connection is dead
    found.leave(visitor("me"))
    found.depart("me")
    assert mine.exists()
    found.leave(visitor("me"))
    found.depart("me")
    assert not mine.exists()
    found.arrive("me")
    with found.filled(visitor("me")) as folder:
        pass
    assert folder.exists()


def test_a_folder_of_no_visit_stays_when_a_visitor_leaves_and_goes_when_it_is_old(found):
    folder = found.new_folder()
    found.leave(visitor("me"))
    assert folder.exists()
    found.sweep(age=-1)
    assert not folder.exists()


def test_an_example_stays_whoever_names_it(found, tmp_path_factory):
    file = tmp_path_factory.mktemp("program") / "example.jpg"
    file.write_text("x")
    kept = found.keep(file)
    found.claim("me", str(kept))
    found.leave(visitor("me"))
    found.sweep(age=-1)
    assert kept.exists()
    assert file.exists()


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
    (left / "image.png").write_text("x")
    (tmp_path / f"{NEW_PREFIX}left").mkdir()
    os.utime(tmp_path / f"{NEW_PREFIX}left", (0, 0))
    (tmp_path / f"{NEW_PREFIX}starting").mkdir()
    with visits() as first:
        assert not left.exists()
        assert not (tmp_path / f"{NEW_PREFIX}left").exists()
        (tmp_path / f"{NEW_PREFIX}starting").rmdir()
        with visits() as second:
            assert first.root.exists()
            assert second.root != first.root
        assert not second.root.exists()
        assert first.root.exists()
    assert list(tmp_path.iterdir()) == []
