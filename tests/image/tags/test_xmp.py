"""XMP says nothing any more of what is gone, and all else byte for byte."""

import pytest

from sharpcli.image.tags.xmp import corrected, resized

OPEN = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
CLOSE = b"<dc:source>Zo\xc3\xab > all</dc:source></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
GAIN_MAP = b' xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"'
CAMERA = b' xmlns:Camera="http://ns.google.com/photos/1.0/camera/"'
CONTAINER = (
    b' xmlns:Container="http://ns.google.com/photos/1.0/container/"'
    b' xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
)
PRIMARY = b'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary" Item:Mime="image/jpeg"/></rdf:li>'
MAP = b'<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap" Item:Length="585"/></rdf:li>'
VIDEO = b"<rdf:li><Container:Item><Item:Semantic>MotionPhoto</Item:Semantic></Container:Item></rdf:li>"
EXTENDED = b' xmlns:xmpNote="http://ns.adobe.com/xmp/note/"'


def directory(*entries: bytes) -> bytes:
    return b"<Container:Directory><rdf:Seq>" + b"".join(entries) + b"</rdf:Seq></Container:Directory>"


@pytest.mark.parametrize(
    ("kind", "declared", "attributes", "inside"),
    [
        ("HDR gain map", GAIN_MAP, b" hdrgm:Version=\"1.0\" hdrgm:GainMapMin = '0 > 1'", b""),
        ("HDR gain map", GAIN_MAP, b"", b"<hdrgm:GainMapMax><rdf:Seq><rdf:li>1</rdf:li></rdf:Seq></hdrgm:GainMapMax>"),
        ("motion photo video", CAMERA, b' Camera:MotionPhoto="1"\n Camera:MicroVideoOffset="424"', b""),
        ("extended XMP", EXTENDED, b"", b"<xmpNote:HasExtendedXMP>00AA</xmpNote:HasExtendedXMP>"),
        ("C2PA/JUMBF", b' xmlns:dcterms="http://purl.org/dc/terms/"', b' dcterms:provenance="self#jumbf=c2pa"', b""),
    ],
)
def test_what_is_gone_is_not_spoken_of(kind: str, declared: bytes, attributes: bytes, inside: bytes) -> None:
    xmp = OPEN + declared + attributes + b">" + inside + CLOSE
    assert corrected(xmp, {kind}) == OPEN + b">" + CLOSE
    assert corrected(xmp, set()) == xmp
    assert corrected(xmp, {"comment"}) == xmp


def test_other_properties_of_a_camera_stay() -> None:
    xmp = OPEN + CAMERA + b' Camera:MotionPhoto="1" Camera:BurstID="7">' + CLOSE
    assert corrected(xmp, {"motion photo video"}) == OPEN + CAMERA + b' Camera:BurstID="7">' + CLOSE


def test_provenance_that_lies_elsewhere_stays() -> None:
    xmp = OPEN + b' xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="https://example.org/1">' + CLOSE
    assert corrected(xmp, {"C2PA/JUMBF"}) == xmp


def test_a_directory_loses_the_entries_of_what_is_gone() -> None:
    whole = OPEN + CONTAINER + b">" + directory(PRIMARY, MAP, VIDEO) + CLOSE
    assert corrected(whole, {"HDR gain map"}) == OPEN + CONTAINER + b">" + directory(PRIMARY, VIDEO) + CLOSE
    assert corrected(whole, {"motion photo video"}) == OPEN + CONTAINER + b">" + directory(PRIMARY, MAP) + CLOSE
    assert corrected(whole, {"HDR gain map", "motion photo video"}) == OPEN + CONTAINER + b">" + CLOSE


@pytest.mark.parametrize("said", [b' tiff:Orientation="6">', b"><tiff:Orientation>6</tiff:Orientation>"])
def test_an_upright_image_has_no_orientation(said: bytes) -> None:
    assert corrected(OPEN + said + CLOSE, set()) == OPEN + b">" + CLOSE


def test_xmp_that_cannot_be_read_is_given_up_where_it_would_lie() -> None:
    broken = OPEN + GAIN_MAP + b' hdrgm:Version="1.0">' + CLOSE.replace(b"</dc:source>", b"")
    assert corrected(broken, {"motion photo video"}) == broken
    assert corrected(broken, {"HDR gain map"}) == b""


@pytest.mark.parametrize(
    "said",
    [
        (b"tiff:ImageWidth=\"%d\" tiff:ImageLength = '%d'"),
        b"<exif:PixelXDimension>%d</exif:PixelXDimension><exif:PixelYDimension> %d</exif:PixelYDimension>",
    ],
)
def test_a_size_is_the_one_that_the_image_has(said: bytes) -> None:
    assert resized(said % (40, 30), 80, 60) == said % (80, 60)


def test_other_numbers_and_the_size_of_a_thumbnail_stay() -> None:
    xmp = b'<x xmpGImg:width="256" crs:ImageWidth="7" tiff:XResolution="300/1"/>'
    assert resized(xmp, 80, 60) == xmp
