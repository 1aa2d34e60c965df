import os
import subprocess
import sys

import pytest
from PIL import Image

from sharpcli import planning

ODD = {b"caf\xe9.png": r"caf\xe9.png", b"two\nlines.png": r"two\nlines.png", b"-o.png": "-o.png"}


@pytest.fixture
def odd(tmp_path):
    """A folder of pictures whose names are no text, or more than one line."""
    (tmp_path / "odd").mkdir()
    for name in ODD:
        Image.new("RGB", (24, 24), "teal").save(tmp_path / "odd" / os.fsdecode(name))
    return tmp_path / "odd"


def test_pictures_of_odd_names_are_done_and_named_on_one_line(sharpcli, odd, tmp_path):
    (odd / os.fsdecode(b"bad\n\xff.png")).write_text("not a picture")
    listed = sharpcli("degrade", odd, "-o", tmp_path / "out", "--dry-run").stdout.splitlines()
    assert len(listed) == 4
    assert all(any(line.endswith(f"/out/{name}") for line in listed) for name in ODD.values())
    done = sharpcli("degrade", odd, "-o", tmp_path / "out")
    assert done.exit_code == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 5  # one for each as it ends, and the failure once more
    assert [line.rsplit("/", 1)[1].split(":")[0] for line in lines if line.startswith("failed: ")] == [r"bad\n\xff.png"]
    assert {os.fsencode(path.name) for path in (tmp_path / "out").iterdir() if path.name != planning.MEMORY} == set(ODD)


def test_a_terminal_without_the_letters_of_a_name_ends_nothing(tmp_path):
    (tmp_path / "日é.png").touch()
    command = [sys.executable, "-m", "sharpcli", "degrade", str(tmp_path), "-o", str(tmp_path / "out"), "--dry-run"]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("cp1252").strip().endswith(r"/out/\u65e5é.png")


def test_several_patterns_choose_and_leave_out(sharpcli, folder, tmp_path):
    chosen = sharpcli(
        *("degrade", folder, "-o", tmp_path / "out", "--dry-run"),
        *("--glob", "*.JPG", "--glob", "*.png", "--exclude", "deep", "--exclude", "x*"),
    )
    assert [line.split("/")[-1] for line in chosen.stdout.splitlines()] == ["a.png", "b.png"]


def test_a_folder_that_cannot_be_read_is_listed_and_the_rest_is_done(sharpcli, folder, tmp_path, monkeypatch):
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("deep"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("sharpcli.walking.os.scandir", closed)
    done = sharpcli("degrade", folder, "-o", tmp_path / "out")
    assert done.exit_code == 1
    said = f"failed: {planning.shown(folder / 'sub' / 'deep')}: cannot be read (Permission denied)"
    assert [line for line in done.stderr.splitlines() if line.startswith("failed: ")] == [said]
    assert done.stdout.startswith("2 done, 1 failed in ")


def test_inputs_of_every_kind_go_together(sharpcli, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (24, 24), "teal").save("c.png")
    done = sharpcli("degrade", folder, "c.png")
    assert done.exit_code == 0
    assert done.stdout.startswith("4 done in ")
    assert (tmp_path / "c-degraded.png").exists()
