"""`sharpcli new` on the command line."""

import os
import subprocess
import sys

import pytest

from tests.helpers.onnx_networks import Certain, Sharpener, export


def test_it_says_what_to_do_next(sharpcli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = sharpcli("new", "soft-light")
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Created sharpcli-soft-light. Next steps:",
        "    cd sharpcli-soft-light",
        "    pip install -e '.[dev]'",
        "    pytest",
    ]
    assert (tmp_path / "sharpcli-soft-light" / "sharpcli_soft_light.py").is_file()


def test_a_folder_with_a_space_can_be_copied_from_what_it_says(sharpcli, tmp_path):
    done = sharpcli("new", "soft-light", tmp_path / "my folder" / "p")
    assert f"    cd '{tmp_path / 'my folder' / 'p'}'\n" in done.stdout


def test_what_is_wrong_is_reported_before_a_network_is_tried(sharpcli, tmp_path):
    (tmp_path / "something").touch()
    done = sharpcli("new", "student", "--onnx", tmp_path / "none.onnx")
    assert done.exit_code == 2
    assert "an enhancer 'student' already exists" in done.stderr
    done = sharpcli("new", "mine", tmp_path, "--onnx", tmp_path / "none.onnx")
    assert "is not empty" in done.stderr


def test_options_of_a_network_need_one(sharpcli, tmp_path):
    done = sharpcli("new", "mine", tmp_path / "p", "--order", "rgb", "--peak", "1")
    assert done.exit_code == 2
    assert done.stderr == "Error: --order and --peak can only be given with --onnx FILE\n"


def test_what_was_found_is_shown(sharpcli, tmp_path):
    export(Certain(), tmp_path / "n.onnx")
    done = sharpcli("new", "mine", tmp_path / "p", "--onnx", tmp_path / "n.onnx")
    assert done.exit_code == 0, done.stderr
    for line in (
        "channels: 3, red, green, blue (rgb), before rows and columns (nchw)",
        "values: float32, white is 1",
        "scale: same size",
        "sides: any",
    ):
        assert f"    {line}\n" in done.stdout
        assert f"- {line}\n" in (tmp_path / "p" / "README.md").read_text()


def test_without_a_terminal_the_options_are_named(sharpcli, tmp_path):
    export(Sharpener(), tmp_path / "n.onnx")
    done = sharpcli("new", "mine", tmp_path / "p", "--onnx", tmp_path / "n.onnx")
    assert done.exit_code == 2
    assert "some properties of n.onnx could not be detected: is white 1 or 255? Give --peak 1 or 255; " in done.stderr
    assert "Give --order rgb or bgr" in done.stderr
    assert not (tmp_path / "p").exists()


@pytest.mark.skipif(os.name == "nt", reason="terminals are made otherwise there")
def test_at_a_terminal_it_asks(tmp_path):
    import pty

    export(Sharpener(), tmp_path / "n.onnx")
    ours, terminal = pty.openpty()
    os.write(ours, b"white\n255\nbgr\n")  # the first is no answer, and asked again
    command = [sys.executable, "-m", "sharpcli", "new", "mine", tmp_path / "p", "--onnx", tmp_path / "n.onnx"]
    done = subprocess.run(command, stdin=terminal, capture_output=True, text=True, check=False)
    os.close(ours)
    os.close(terminal)
    assert done.returncode == 0, done.stderr
    assert "is white 1 or 255?" in done.stdout + done.stderr
    assert "values: float32, white is 255" in done.stdout
    module = (tmp_path / "p" / "sharpcli_mine" / "__init__.py").read_text()
    assert '    order = "bgr"\n    peak = 255\n' in module
