"""The files and folders that CONTRIBUTING.md sends its readers to are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PATHS = re.findall(r"`([\w.-]+/[\w./-]*)`", (ROOT / "CONTRIBUTING.md").read_text())
ROOMS = {path.name for path in (ROOT / "sharpcli").iterdir() if (path / "__init__.py").exists()}


@pytest.mark.parametrize("path", sorted(set(PATHS)))
def test_a_named_file_is_there(path):
    assert any((root / path).exists() for root in (ROOT, ROOT / "sharpcli", ROOT / "sharpcli" / "cli"))


def test_every_room_is_on_the_map():
    assert {path.rstrip("/") for path in PATHS} >= ROOMS
