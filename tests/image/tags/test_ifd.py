"""Directories of TIFF files and Exif are read as bytes, in either byte order, and damage is told."""

import io

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.image.tags.ifd import Directories


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_tags_come_as_their_bytes(order: str, big: bool) -> None:
    file = io.BytesIO()
    text = "Zoë 写真".encode()
    tifffile.imwrite(
        file,
        np.zeros((4, 4), np.uint8),
        byteorder=order,
        bigtiff=big,
        extratags=[(315, 2, len(text) + 1, text + b"\0", True), (50000, 3, 3, (1, 2, 3), True)],
    )
    directories = Directories(file)
    entries, follows = directories.directory(directories.first)
    by_tag = {entry.tag: entry for entry in entries}
    assert directories.big == big
    assert follows == 0
    assert by_tag[315].value == text + b"\0"
    assert by_tag[50000].value == np.array([1, 2, 3], order + "u2").tobytes()
    assert by_tag[50000].swapped().swapped() == by_tag[50000]
    assert directories.number(by_tag[256]) == 4


@given(st.binary(max_size=200))
def test_anything_else_is_a_value_error(rest: bytes) -> None:
    for head in (b"", b"II*\0", b"MM\0*", b"II+\0"):
        try:
            directories = Directories(io.BytesIO(head + rest))
            directories.directory(directories.first)
        except ValueError:
            continue
