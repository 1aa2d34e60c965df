"""A third party's one-file plugin: built as its own wheel, installed, listed and used."""

import subprocess
import sys

import numpy as np
from PIL import Image as PILImage


def sharpcli(with_unsharp, *arguments):
    command = [sys.executable, "-m", "sharpcli", *map(str, arguments)]
    return subprocess.run(command, env=with_unsharp, capture_output=True, text=True, check=False)


def test_it_is_listed_with_its_option_and_origin(with_unsharp):
    text = sharpcli(with_unsharp, "enhancers").stdout
    assert "unsharp: adds back the detail that a Gaussian blur removes" in text
    assert "package  sharpcli-unsharp 1.2.3 (sharpcli_unsharp)" in text
    assert "amount=0.6 (a number at least 0 and at most 3)" in text


def test_it_sharpens_and_heeds_its_option(with_unsharp, tmp_path, photo):
    PILImage.fromarray(photo[:80, :80]).save(tmp_path / "p.png")
    spread = []
    for amount in ("0", "2"):
        arguments = ("enhance", tmp_path / "p.png", "-o", tmp_path / amount, "-e", "unsharp", "-O", f"amount={amount}")
        done = sharpcli(with_unsharp, *arguments)
        assert done.returncode == 0, done.stderr
        with PILImage.open(tmp_path / amount / "p.png") as image:
            spread.append(np.asarray(image).std())
    assert spread[1] > spread[0]


def test_its_bounds_are_kept(with_unsharp, tmp_path):
    PILImage.new("RGB", (8, 8)).save(tmp_path / "p.png")
    done = sharpcli(with_unsharp, "enhance", tmp_path / "p.png", "-e", "unsharp", "-O", "amount=7")
    assert done.returncode == 2
    assert "at most 3" in done.stderr
