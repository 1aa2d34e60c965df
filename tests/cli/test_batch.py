import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as PILImage

from sharpcli.batch import plan as planning

ODD = {b"caf\xe9.png": r"caf\xe9.png", b"two\nlines.png": r"two\nlines.png", b"-o.png": "-o.png"}


@pytest.fixture
def odd(tmp_path):
    """A folder of images whose names are no text, or more than one line."""
    (tmp_path / "odd").mkdir()
    for name in ODD:
        PILImage.new("RGB", (24, 24), "teal").save(tmp_path / "odd" / os.fsdecode(name))
    return tmp_path / "odd"


def test_images_of_odd_names_are_done_and_named_on_one_line(sharpcli, odd, tmp_path):
    (odd / os.fsdecode(b"bad\n\xff.png")).write_text("not an image")
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

    monkeypatch.setattr("sharpcli.files.walk.os.scandir", closed)
    done = sharpcli("degrade", folder, "-o", tmp_path / "out")
    assert done.exit_code == 1
    message = f"failed: {planning.shown(folder / 'sub' / 'deep')}: cannot be read (Permission denied)"
    assert [line for line in done.stderr.splitlines() if line.startswith("failed: ")] == [message]
    assert done.stdout.startswith("2 done, 1 failed in ")


def test_inputs_of_every_kind_go_together(sharpcli, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    PILImage.new("RGB", (24, 24), "teal").save("c.png")
    done = sharpcli("degrade", folder, "c.png")
    assert done.exit_code == 0
    assert done.stdout.startswith("4 done in ")
    assert (tmp_path / "c-degraded.png").exists()


COMMAND = [sys.executable, "-m", "sharpcli", "enhance", "-e", "bicubic"]


@pytest.mark.parametrize("options", [[], ["--json"], ["--report", "{tmp}/r.json"]], ids=["lines", "json", "report"])
@pytest.mark.parametrize("closed", ["stdout", "stderr", "both"])
def test_nobody_listening_costs_no_image(folder, tmp_path, options, closed):
    """As with `sharpcli ... | head -1`, and on a full disk."""
    options = [option.format(tmp=tmp_path) for option in options]
    with Path("/dev/full").open("w") as full:
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        streams |= {name: full for name in ("stdout", "stderr") if closed in (name, "both")}
        done = subprocess.run([*COMMAND, folder, "-o", tmp_path / "out", *options], **streams, text=True, check=False)
    assert len([path for path in (tmp_path / "out").rglob("*.*") if path.name != planning.MEMORY]) == 3
    assert "Traceback" not in (done.stderr or "")
    assert done.returncode in (0, 1)
    if options[:1] == ["--report"]:
        assert (tmp_path / "r.json").exists()


def test_without_stderr_the_work_is_done(folder, tmp_path):
    command = " ".join(f"'{part}'" for part in [*COMMAND, folder, "-o", tmp_path / "out"])
    assert subprocess.run(f"{command} 2>&-", shell=True, stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert (tmp_path / "out" / "a.png").exists()


@pytest.mark.parametrize("arguments", [["", "-o", "{tmp}"], ["{folder}", "-o", ""]])
def test_an_empty_name_is_a_variable_that_was_not_set(sharpcli, folder, tmp_path, arguments, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = sharpcli("enhance", *(text.format(folder=folder, tmp=tmp_path) for text in arguments))
    assert (done.exit_code, "variable" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("format", "message"), [("jpg", "JPEG supports at most 65500"), ("webp", "WEBP supports at most 16383")]
)
def test_an_image_longer_than_its_format_is_refused_from_its_header(sharpcli, tmp_path, format, message):
    PILImage.new("L", (60_000, 2)).save(tmp_path / "long.png")
    done = sharpcli("enhance", tmp_path / "long.png", "-o", tmp_path / "o", "--format", format, "--upscale", 1.3)
    assert (done.exit_code, message in done.stderr) == (1, True)
