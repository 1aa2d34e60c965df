"""Which files are clips, by their bytes and by their names."""

from pathlib import Path

import pytest

from sharpcli.files.clips import container_of
from sharpcli.files.formats import HEAD
from sharpcli.files.unsupported import is_clip
from tests.helpers.clips import write_clip


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm", "avi", "ts", "flv"])
def test_a_container_is_told_by_its_bytes(tmp_path, ending):
    codec = {"webm": "libvpx", "flv": "flv"}.get(ending, "libx264")
    head = write_clip(tmp_path / f"a.{ending}", codec=codec).read_bytes()[:HEAD]
    assert container_of(head) == ending
    assert is_clip(Path("no-name"), head)


@pytest.mark.parametrize(
    ("name", "content", "clip"),
    [
        ("a.mp4", b"nothing that is known", True),
        ("a.ogv", b"OggS\0\x02", True),
        ("a.ts", b"export const a = 1;", False),
        ("a.mp4", b"\x89PNG\r\n\x1a\n", False),
        ("a.mp4", b"GIF89a\x01\0", False),
        ("a.m4a", b"\0\0\0\x18ftypM4A \0\0\0\0", False),
        ("a.png", b"\0\0\0\x18ftypisom\0\0\0\0", True),
    ],
)
def test_a_name_counts_where_the_bytes_tell_nothing(name, content, clip):
    assert is_clip(Path(name), content) == clip
