"""Exif that is put together of tags: what can be read of it is kept, byte for byte."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.image.inventory.exif import exif_parts
from sharpcli.image.metadata import slim
from sharpcli.image.read import read_image
from sharpcli.image.tags.exif_block import OF_THEIR_OWN, block, rebuilt, tree
from sharpcli.image.tags.ifd import Directories, Entry
from sharpcli.image.write import write_image
from tests.image.tags.test_exif import NOTE, camera_exif

ENTRIES = st.lists(
    st.builds(
        lambda tag, value: Entry(tag, 7, len(value), value),
        st.integers(40000, 40900),
        st.binary(min_size=1, max_size=40),
    ),
    min_size=1,
    max_size=6,
)


def read_back(exif):
    directories = Directories(io.BytesIO(exif[6:]))
    return directories.order, *tree(directories)


def in_order(entries):
    return sorted(entries, key=lambda entry: entry.tag)


@given(st.sampled_from("<>"), ENTRIES, ENTRIES, ENTRIES, st.integers(0, 70_000), st.binary(min_size=5, max_size=300))
def test_all_tags_come_back_and_a_note_stays_where_it_can(order, first, exif, gps, place, note):
    pinned = Entry(37500, 7, len(note), note, place)
    made, moved = block(order, first, {34665: [*exif, pinned], 34853: gps, 40965: gps})
    found, outer, inner = read_back(made)
    assert found == order
    assert in_order(outer) == in_order(first)
    assert in_order(inner[34665]) == in_order([*exif, pinned])
    assert in_order(inner[34853]) == in_order(inner[40965]) == in_order(gps)
    if place and not moved and not note.startswith(OF_THEIR_OWN):
        assert made[6 + place :].startswith(note)
    assert not moved or place < 8 or place + len(note) > 65_000


@pytest.mark.parametrize("order", "<>")
def test_a_tag_that_is_there_twice_stays_and_no_text_changes(tmp_path, order):
    artist = "Jürgen Müller".encode() + b"\0"
    lines = [struct.pack(order + "HHII", 315, 2, len(artist), 50)] * 2
    lines += [struct.pack(order + "HHI4s", 50000, 7, 3, b"\0\xfc\1\0")]
    body = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "IH", 8, 3) + b"".join(lines)
    exif = b"Exif\0\0" + body + bytes(50 - len(body)) + artist
    PILImage.new("RGB", (8, 8)).save(tmp_path / "in.jpg", exif=exif)
    image = read_image(tmp_path / "in.jpg")
    for ending in ("jpg", "png", "webp", "tif"):
        write_image(image, tmp_path / f"out.{ending}")
        assert exif_parts(read_image(tmp_path / f"out.{ending}").metadata["exif"]) == exif_parts(exif), ending


@pytest.mark.parametrize("order", "<>")
def test_a_directory_that_ends_early_gives_what_it_holds(order):
    exif = bytearray(camera_exif(order, 1))
    struct.pack_into(order + "I", exif, 6 + 80 + 2 + 8, 1 << 30)  # the note's place
    kept = rebuilt(bytes(exif))
    parts = {part.name for part in exif_parts(kept)}
    assert "MakerNote" not in parts
    assert struct.pack(order + "IIII", 300, 1, 150, 1)[:8] in kept
    with pytest.raises(ValueError, match="no TIFF directory"):
        rebuilt(b"Exif\0\0no such thing")


def test_exif_that_is_too_long_loses_what_is_long_alone():
    first = [Entry(315, 2, 5, b"Zo\xc3\xab\0"), Entry(50000, 7, 70_000, bytes(70_000))]
    exif, _ = block("<", first, {34665: [Entry(37500, 7, len(NOTE), NOTE)]})
    short = slim(exif, 65533)
    assert [part.name for part in exif_parts(short)] == ["Artist", "MakerNote"]
    assert slim(short, 65533) == short
    assert slim(exif, 10) == b""
