import os
import subprocess
import sys
import time

import pytest

from sharpcli.files.atomic import JUST_NOW, remove_leftovers, unfinished_folder, whole_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "a.bin"
    with whole_file(target) as file:
        file.write(b"half")
        assert not target.exists()
        file.write(b" and half")
    assert target.read_bytes() == b"half and half"
    assert names(tmp_path / "new") == ["a.bin"]


def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.bin"
    target.write_bytes(b"earlier")
    with pytest.raises(KeyboardInterrupt), whole_file(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert target.read_bytes() == b"earlier"
    assert names(tmp_path) == ["a.bin"]


def test_permissions_are_those_of_any_new_file(tmp_path):
    with whole_file(tmp_path / "a.bin") as file:
        file.write(b"x")
    (tmp_path / "b.bin").write_bytes(b"x")
    assert (tmp_path / "a.bin").stat().st_mode == (tmp_path / "b.bin").stat().st_mode


def test_what_a_killed_program_left_is_removed_and_what_is_being_written_stays(tmp_path):
    killed = """
import os, signal, sys
from pathlib import Path
from sharpcli.files.atomic import whole_file
with whole_file(Path(sys.argv[1]) / "a.bin") as file:
    file.write(b"half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", killed, tmp_path], env={**os.environ}, check=False)
    assert len(names(tmp_path)) == 1
    with whole_file(tmp_path / "b.bin") as file:
        file.write(b"being written")
        assert remove_leftovers(tmp_path) == 1
        assert len(names(tmp_path)) == 1
    assert names(tmp_path) == ["b.bin"]


def test_a_folder_that_a_killed_program_left_is_removed_once_it_is_not_new(tmp_path):
    killed = """
import os, signal, sys
from pathlib import Path
from sharpcli.files.atomic import unfinished_folder
with unfinished_folder(Path(sys.argv[1])) as folder:
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", killed, tmp_path], env={**os.environ}, check=False)
    (left,) = tmp_path.iterdir()
    assert remove_leftovers(tmp_path) == 0
    os.utime(left, (time.time() - 2 * JUST_NOW,) * 2)
    with unfinished_folder(tmp_path) as used:
        os.utime(used, (time.time() - 2 * JUST_NOW,) * 2)
        assert remove_leftovers(tmp_path) == 1
        assert list(tmp_path.iterdir()) == [used]
    assert names(tmp_path) == []


def test_a_users_own_files_are_no_leftovers(tmp_path):
    for name in ("a.part", ".sharpcli.json", ".sharpcli-notes.txt", "sharpcli-1.part"):
        (tmp_path / name).touch()
    assert remove_leftovers(tmp_path) == 0
    assert len(names(tmp_path)) == 4
