"""A TIFF's list names what else it holds; what is written elsewhere in other words matches."""

import io

import numpy as np
import tifffile

from sharpcli.image.inventory.part import missing, part
from sharpcli.image.inventory.tiff import tiff_parts
from tests.helpers.tiffs import bytes_of, numbers, text, tiff_of

IPTC = b"\x1c\x02\x78\0\x09A caption"


def listed(data):
    return list(tiff_parts(io.BytesIO(data)))


def test_tags_blocks_and_further_images_are_named():
    tags = [
        text(315, "Jürgen Müller"),
        bytes_of(700, 1, b"<x:xmpmeta/>"),
        bytes_of(34675, 7, b"a profile"),
        bytes_of(37724, 7, b"Adobe Photoshop Document Data Block\0"),
        (330, 4, 2, bytes(8)),
        bytes_of(34377, 1, b"8BIM\x04\x0b\0\0\0\0\0\2ab"),
    ]
    kinds = [(one.kind, one.name, one.color) for one in listed(tiff_of("<", tags))]
    assert kinds == [
        ("Exif", "Artist", False),
        *[("preview", "", False)] * 2,
        ("XMP", "", False),
        ("Photoshop data", "0x040B", False),
        ("ICC profile", "", True),
        ("Photoshop layers", "", False),
    ]


def test_iptc_is_the_same_whatever_its_type_and_place():
    padded = IPTC + bytes(-len(IPTC) % 4)
    as_longs = listed(tiff_of("<", [(33723, 4, len(padded) // 4, padded)]))
    resource = b"8BIM\x04\x04\0\0" + len(IPTC).to_bytes(4, "big") + IPTC
    among_resources = listed(tiff_of(">", [bytes_of(34377, 7, resource)]))
    assert as_longs == among_resources == [part("IPTC", IPTC)]


def test_both_byte_orders_and_kinds_of_places_give_the_same():
    pixels = np.zeros((4, 4, 5), np.uint8)
    lists = []
    for order, big in (("<", False), (">", False), ("<", True), (">", True)):
        file = io.BytesIO()
        options = {"photometric": "rgb", "planarconfig": "contig", "extrasamples": ["unassalpha", "unspecified"]}
        tags = [(315, 2, 6, b"Zo\xc3\xab!\0", True), (65000, 3, 2, (1, 2), True)]
        tifffile.imwrite(file, pixels, byteorder=order, bigtiff=big, extratags=tags, metadata=None, **options)
        lists.append(listed(file.getvalue()))
    assert all(missing(lists[0], other) == () for other in lists)
    assert [one.kind for one in lists[0]].count("channel") == 1


def test_a_print_size_is_one_only_where_it_says_something():
    for unit, told in ((1, False), (2, True)):
        tags = [numbers("<", 282, "R", 1, 1), numbers("<", 283, "R", 1, 1), numbers("<", 296, "H", unit)]
        assert ("print size" in [one.kind for one in listed(tiff_of("<", tags))]) == told
