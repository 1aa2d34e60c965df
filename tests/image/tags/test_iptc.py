"""IPTC of a TIFF is where a JPEG's readers look for it, once."""

from sharpcli.image.inventory.photoshop import photoshop_parts
from sharpcli.image.read import read_image
from sharpcli.image.tags.iptc import as_resource
from tests.helpers.tiffs import bytes_of, text, tiff_of

IPTC = b"\x1c\x02\x78\0\x09A caption"
RESOURCE = b"8BIM\x04\x04\0\0" + len(IPTC).to_bytes(4, "big") + IPTC


def read(tmp_path, *tags):
    (tmp_path / "in.tif").write_bytes(tiff_of(">", [text(315, "Zoë"), *tags]))
    return dict(read_image(tmp_path / "in.tif").metadata)


def test_a_tag_becomes_a_resource(tmp_path):
    before = read(tmp_path, bytes_of(33723, 7, IPTC))
    after = as_resource(before)
    assert [part.kind for part in photoshop_parts(after["photoshop"])] == ["IPTC"]
    assert IPTC in after["photoshop"]
    assert len(after["exif"]) == len(before["exif"])


def test_one_that_is_there_already_stays_alone(tmp_path):
    before = read(tmp_path, bytes_of(33723, 7, IPTC), bytes_of(34377, 1, RESOURCE))
    assert as_resource(before) == before
    without = read(tmp_path)
    assert as_resource(without) == without
    assert as_resource({}) == {}
