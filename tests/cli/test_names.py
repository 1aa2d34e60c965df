"""Names reach the terminal escaped, whichever command prints them, and what is no file is refused, not waited for."""

import os
import re

import pytest
from PIL import Image as PILImage

BAD = "a\x1b[31m\x1b]0;owned\x07\x9b2J\n\u202egnp"
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


@pytest.fixture
def odd(tmp_path, photo):
    """A folder of one good and one bad image, and an empty one, named so as to take over a terminal."""
    folder = tmp_path / BAD
    folder.mkdir()
    PILImage.fromarray(photo[:64, :64]).save(folder / f"{BAD}.png")
    (folder / f"bad {BAD}.jpg").write_text("not an image")
    return folder


COMMANDS = [
    ["enhance", "{odd}", "-e", "bicubic"],
    ["enhance", "{image}", "-o", "{odd}/out.png", "-e", "bicubic"],
    ["enhance", "{odd}/missing", "-e", "bicubic"],
    ["enhance", "{image}", "-e", "{name}"],
    ["enhance", "{image}", "-e", "student", "-O", "{name}=1"],
    ["enhance", "{image}", "--report", "{odd}/report.{name}"],
    ["enhance", "{image}", "--report", "{odd}"],
    ["enhance", "{image}", "--{name}"],
    ["enhance", "{image}", "--strength", "{name}"],
    ["degrade", "{odd}", "--blur", "{name}"],
    ["degrade", "{odd}", "-o", "{odd}"],
    ["score", "{odd}", "{odd}"],
    ["score", "{odd}", "{odd}/missing"],
    ["score", "{bad}", "{image}"],
    ["score", "{image}", "{image}", "--report", "{odd}/a.{name}"],
    ["score", "{image}", "{image}", "-m", "{name}"],
    ["compare", "{image}", "-o", "{odd}/sheet.png", "-e", "bicubic"],
    ["compare", "{bad}", "-o", "{odd}/sheet.png", "-e", "bicubic"],
    ["compare", "{image}", "-o", "{bad}", "-e", "bicubic"],
    ["bench", "--picture", "{bad}", "-e", "bicubic"],
    ["check", "{odd}.py"],
    ["new", "{name}"],
    ["{name}"],
]


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_no_name_tells_the_terminal_what_to_do(sharpcli, odd, arguments):
    known = {"odd": odd, "image": odd / f"{BAD}.png", "bad": odd / f"bad {BAD}.jpg", "name": BAD}
    done = sharpcli(*(argument.format(**known) for argument in arguments))
    assert FORBIDDEN.findall(done.stdout + done.stderr) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "{pipe}", "{image}"],
        ["score", "{image}", "{pipe}"],
        ["score", "{image}", "{image}", "--input", "{pipe}"],
        ["compare", "{pipe}", "-o", "{folder}/sheet.png"],
        ["compare", "{image}", "-o", "{pipe}"],
        ["compare", "{image}", "-o", "{folder}/sheet.png", "--reference", "{pipe}"],
        ["enhance", "{pipe}", "-o", "{folder}/out"],
        ["degrade", "{pipe}", "-o", "{folder}/out"],
        ["bench", "--picture", "{pipe}"],
        ["score", "/dev/zero", "{image}"],
        ["compare", "/dev/zero", "-o", "{folder}/sheet.png"],
    ],
    ids=" ".join,
)
def test_a_pipe_or_a_device_is_refused_and_not_waited_for(sharpcli, folder, tmp_path, arguments):
    os.mkfifo(tmp_path / "pipe.png")
    known = {"pipe": tmp_path / "pipe.png", "image": folder / "a.png", "folder": tmp_path}
    done = sharpcli(*(argument.format(**known) for argument in arguments))
    assert done.exit_code == 2
    assert "neither a file nor a folder" in done.stderr or "was not written by compare" in done.stderr


@pytest.mark.parametrize("command", ["score", "compare", "enhance"])
def test_a_name_that_no_disk_takes_is_refused_in_words(sharpcli, folder, tmp_path, command):
    long = "x" * 300 + ".png"
    rest = {"score": [folder / "a.png"], "compare": ["-o", tmp_path / "sheet.png"], "enhance": []}[command]
    done = sharpcli(command, long, *rest)
    assert (done.exit_code, "File name too long" in done.stderr) == (2, True)
    if command == "score":
        assert sharpcli("score", folder / "a.png", long).exit_code == 2
