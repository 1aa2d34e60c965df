"""A list that cannot be taken to the end is a complaint, and what was found is kept."""

import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from sharpcli.image.complaints import listening
from sharpcli.image.inventory import take
from sharpcli.image.inventory.part import Part


def test_what_was_listed_before_damage_is_kept_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(file: BinaryIO) -> Iterator[Part]:
        yield Part("comment")
        raise ValueError("a segment longer than the file")

    monkeypatch.setitem(take.LISTS, "JPEG", listed)
    with listening() as heard:
        assert take.inventory(io.BytesIO(b"..."), "JPEG") == (Part("comment"),)
    assert heard.notes() == (
        "may be damaged (what it holds besides its pixels cannot be listed to the end: a segment longer than the file)",
    )
