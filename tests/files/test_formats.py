"""What is read is known by its name or its first bytes, HEIC among it."""

import pytest

from sharpcli.files.paths import is_image
from tests.files.test_walk import HEIC


@pytest.mark.parametrize(
    ("name", "content", "read"),
    [
        ("a.HEIC", b"", True),
        ("a", HEIC, True),
        ("a.jfif", b"", True),
        ("a.bin", b"\x89PNG\r\n\x1a\n", True),
        ("a.mov", b"\0\0\0\x14ftypqt  ", False),
        ("a.nef", b"", False),
        ("a", b"text", False),
    ],
)
def test_a_file_is_of_a_format_that_is_read_by_its_name_or_its_bytes(tmp_path, name, content, read):
    (tmp_path / name).write_bytes(content)
    assert is_image(tmp_path / name) == read
