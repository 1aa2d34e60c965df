"""PNG files: what is damaged in them is said or refused, and what they hold besides pixels comes back byte for byte."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.fuzz.seeds import exif, icc
from tests.helpers.by_hand import chunk, chunks_of, png

COLORS = np.random.default_rng(5).integers(0, 256, (24, 31, 3))
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF dc:source="kept" xmlns:dc="d"/></x:xmpmeta>'
HEX = b"\nexif\n%8d\n%s\n" % (len(exif()), exif().hex().encode())
MDCV, CLLI = bytes(range(24)), bytes(range(8))
KEPT = {
    "a Latin-1 text": (b"tEXt", b"Title\0Gr\xfcn"),
    "a packed text": (b"zTXt", b"Title\0\0" + zlib.compress(b"words " * 99)),
    "a text with a language": (b"iTXt", b"Author\0\0\0de\0Autor\0" + "Łukasz".encode()),
    "a long text": (b"iTXt", b"prompt\0\1\0\0\0" + zlib.compress(b"x" * 3_000_000)),
    "a text that cannot be unpacked": (b"zTXt", b"Title\0\0nonsense"),
    "the background": (b"bKGD", bytes([0, 1, 0, 2, 0, 3])),
    "the last edit": (b"tIME", bytes([7, 233, 1, 2, 3, 4, 5])),
    "an offset": (b"oFFs", bytes(9)),
    "a private chunk that may be copied": (b"prVt", b"\0\1secret"),
    "an aspect without a unit": (b"pHYs", struct.pack(">IIB", 1, 2, 0)),
    "IPTC": (b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(b"\niptc\n       4\n1c020000\n")),
}
TOLD = {
    "significant bits": ((b"sBIT", bytes([5, 6, 5])), "sBIT"),
    "a suggested palette": ((b"sPLT", b"name\0\x08" + bytes(6)), "sPLT"),
    "a private chunk of the pixels": ((b"prVT", b"\0\1secret"), "prVT"),
    "a signed history": ((b"caBX", b"jumb"), "C2PA/JUMBF"),
}


def made(tmp_path, before=(), after=(), samples=COLORS, color=2, **options):
    (tmp_path / "in.png").write_bytes(png(samples, 8, color, before=before, after=after, **options))
    return tmp_path / "in.png"


def again(path, ending="png", **options):
    image = read_image(path)
    out = path.with_name(f"out.{ending}")
    return image, (*image.notes, *write_image(image, out, **options)), out


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("kind", KEPT)
def test_a_chunk_comes_back_byte_for_byte(tmp_path, kind, place):
    _, notes, out = again(made(tmp_path, **{place: [KEPT[kind]]}))
    assert chunks_of(out.read_bytes()).count(KEPT[kind]) == 1
    assert all("out of place" in note for note in notes)  # as libpng says of those that belong before the pixels


@pytest.mark.parametrize("kind", TOLD)
def test_a_chunk_that_may_not_be_copied_is_told(tmp_path, kind):
    told, name = TOLD[kind]
    _, notes, out = again(made(tmp_path, before=[told]))
    assert told[0] not in dict(chunks_of(out.read_bytes()))
    assert len(notes) == 1
    assert notes[0].startswith("not carried over: ")
    assert name in notes[0]


def test_how_bright_the_screen_was_stays_beside_the_colors(tmp_path):
    colors = [(b"cICP", bytes([9, 16, 0, 1])), (b"mDCV", MDCV), (b"cLLI", CLLI)]
    image, notes, out = again(made(tmp_path, before=colors), strip=True)
    assert chunks_of(out.read_bytes())[1:4] == colors
    assert notes == ()
    with pytest.raises(ImageError, match=r"colour information .*cICP"):
        write_image(image, tmp_path / "out.jpg")


@pytest.mark.parametrize(
    "text",
    [
        (b"tEXt", b"XML:com.adobe.xmp\0" + XMP),
        (b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(XMP)),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP)),
        (b"tEXt", b"Raw profile type xmp\0" + b"\nxmp\n%8d\n%s\n" % (len(XMP), XMP.hex().encode())),
        (
            b"zTXt",
            b"Raw profile type APP1\0\0"
            + zlib.compress(
                b"\ngeneric profile\n%8d\n%s\n"
                % (len(XMP) + 29, (b"http://ns.adobe.com/xap/1.0/\0" + XMP).hex().encode())
            ),
        ),
    ],
    ids=["tEXt", "zTXt", "iTXt", "raw", "APP1"],
)
@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "avif"])
def test_xmp_is_found_in_any_text(tmp_path, text, ending):
    _, notes, out = again(made(tmp_path, before=[text]), ending)
    assert notes == ()
    assert XMP in out.read_bytes()


@pytest.mark.parametrize("key", [b"Raw profile type exif", b"Raw profile type APP1"])
def test_exif_is_found_in_a_text(tmp_path, key):
    image, notes, out = again(made(tmp_path, before=[(b"zTXt", key + b"\0\0" + zlib.compress(HEX))]))
    assert image.pixels.shape == (31, 24, 3)
    assert notes == ()
    with PILImage.open(out) as written:
        assert written.getexif()[272] == "Box Brownie"


def spoiled(data, name):
    place = data.index(name) - 4
    end = place + 12 + int.from_bytes(data[place : place + 4], "big")
    return data[: end - 1] + bytes([data[end - 1] ^ 1]) + data[end:]


@pytest.mark.parametrize("name", ["tEXt", "gAMA", "tIME", "iCCP"])
def test_a_chunk_with_a_wrong_checksum_is_left_out(tmp_path, name):
    profile = b"p\0\0" + zlib.compress(icc())
    extra = [(b"tEXt", b"Title\0x"), (b"gAMA", bytes([0, 0, 177, 143])), (b"tIME", bytes(7)), (b"iCCP", profile)]
    path = made(tmp_path, before=extra)
    path.write_bytes(spoiled(path.read_bytes(), name.encode()))
    image, notes, _ = again(path)
    np.testing.assert_array_equal(image.pixels, COLORS)
    assert f"damaged chunks were left out: {name}" in notes


def stream(tmp_path, packed, *, gap=False):
    header = struct.pack(">IIBBBBB", 31, 24, 8, 2, 0, 0, 0)
    middle = [(b"tIME", bytes([7, 233, 1, 2, 3, 4, 5]))] if gap else []
    chunks = [(b"IHDR", header), (b"IDAT", packed[:700]), *middle, (b"IDAT", packed[700:]), (b"IEND", b"")]
    (tmp_path / "in.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks))
    return tmp_path / "in.png"


RAW = b"".join(b"\0" + row.astype(np.uint8).tobytes() for row in COLORS)
PACKED = zlib.compress(RAW)


@pytest.mark.parametrize(
    ("packed", "gap", "words"),
    [
        (PACKED + b"more", False, "Extra compressed data"),
        (zlib.compress(RAW + b"more"), False, "Too much image data"),
        (PACKED, True, "other chunks lie between those of its pixels"),
    ],
    ids=["too much behind", "too many rows", "in two places"],
)
def test_harmless_damage_of_the_pixels_is_a_note(tmp_path, packed, gap, words):
    image = read_image(stream(tmp_path, packed, gap=gap))
    np.testing.assert_array_equal(image.pixels, COLORS)
    assert len(image.notes) == 1
    assert words in image.notes[0]


@pytest.mark.parametrize(
    "packed",
    [
        PACKED[:-200],
        zlib.compress(RAW[:-300]),
        PACKED[:-1] + b"?",
        b"\x78\x9c" + bytes(900),
        zlib.compress(b"\7" + RAW[1:]),
    ],
    ids=["cut", "rows missing", "wrong sum", "nonsense", "unknown filter"],
)
def test_pixels_that_cannot_be_decoded_are_refused_behind_a_good_file(tmp_path, packed):
    good = stream(tmp_path, PACKED).rename(tmp_path / "good.png")
    read_image(good)
    with pytest.raises(ImageError, match="damaged or truncated"):
        read_image(stream(tmp_path, packed))


@pytest.mark.parametrize("name", [b"IHDR", b"PLTE", b"IDAT"])
def test_a_wrong_checksum_of_what_the_pixels_need_is_refused(tmp_path, name):
    path = made(tmp_path, [(b"PLTE", bytes(range(48)))], samples=COLORS[..., :1] % 16, color=3)
    path.write_bytes(spoiled(path.read_bytes(), name))
    with pytest.raises(ImageError, match="damaged or truncated"):
        read_image(path)


def test_colors_that_a_palette_lacks_are_black_and_told(tmp_path):
    samples = COLORS[..., :1] % 17
    image = read_image(made(tmp_path, [(b"PLTE", bytes(range(1, 49)))], samples=samples, color=3))
    assert (image.pixels[samples[..., 0] == 16] == 0).all()
    assert (image.pixels[samples[..., 0] == 0] == (1, 2, 3)).all()
    assert len(image.notes) == 1
    assert "palette" in image.notes[0]


def test_the_background_of_a_palette_becomes_its_color(tmp_path):
    before = [(b"PLTE", bytes(range(48))), (b"bKGD", b"\2")]
    _, notes, out = again(made(tmp_path, before, samples=COLORS[..., :1] % 16, color=3))
    assert dict(chunks_of(out.read_bytes()))[b"bKGD"] == bytes([0, 6, 0, 7, 0, 8])
    assert notes == ()


def test_transparency_out_of_place_is_left_out_with_a_note(tmp_path):
    image = read_image(made(tmp_path, after=[(b"tRNS", bytes(6))]))
    assert image.mode == "RGB"
    assert "tRNS" in image.notes[0]


def test_a_missing_end_is_a_note_where_all_pixels_are_there(tmp_path):
    path = made(tmp_path)
    whole = path.read_bytes()
    for size in range(len(whole) - 12, len(whole) - 4):
        path.write_bytes(whole[:size])
        assert read_image(path).notes == ("its end is missing, but all pixels are there",)
    path.write_bytes(whole[:-13])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)


def test_data_behind_the_image_is_told(tmp_path):
    path = made(tmp_path)
    path.write_bytes(path.read_bytes() + b"video")
    assert again(path)[1] == ("not carried over: data behind the image",)


def test_an_unknown_chunk_that_the_pixels_depend_on_is_refused(tmp_path):
    with pytest.raises(ImageError, match=r"unusual kind .*CgBI"):
        read_image(made(tmp_path, [(b"CgBI", bytes(4))]))


@pytest.mark.parametrize("comment", [b"plain", "Grün".encode(), b"Gr\xfcn"], ids=["ASCII", "UTF-8", "Latin-1"])
def test_a_comment_of_a_jpeg_keeps_its_bytes(tmp_path, comment):
    PILImage.new("RGB", (9, 9)).save(tmp_path / "in.jpg", comment=comment)
    _, notes, out = again(tmp_path / "in.jpg")
    assert comment in out.read_bytes()
    assert not any("comment" in note for note in notes)


def test_texts_that_unpack_to_gigabytes_are_kept_packed(tmp_path):
    bomb = zlib.compress(bytes(40 << 20))
    texts = [(b"zTXt", b"XML:com.adobe.xmp\0\0" + bomb), (b"zTXt", b"Comment\0\0" + bomb)] * 40
    image, notes, out = again(made(tmp_path, before=texts))
    assert [one for one in chunks_of(out.read_bytes()) if one[0] == b"zTXt"] == texts
    assert "xmp" not in image.metadata
    assert notes == ()


@pytest.mark.parametrize("size", [0, 8, 30, 60])
def test_a_profile_that_is_none_is_refused_or_told(tmp_path, size):
    profile = b"p\0\0" + zlib.compress(icc()[:size])
    image, notes, _ = again(made(tmp_path, before=[(b"iCCP", profile)]))
    np.testing.assert_array_equal(image.pixels, COLORS)
    assert any("colour profile" in note for note in notes)


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_iptc_of_a_png_is_carried(tmp_path, ending):
    iptc = b"\x1c\x02\x78\0\5words"
    spelled = b"\niptc\n%8d\n%s\n" % (len(iptc), iptc.hex().encode())
    _, notes, out = again(made(tmp_path, before=[(b"tEXt", b"Raw profile type iptc\0" + spelled)]), ending)
    assert notes == ()
    assert (iptc in out.read_bytes()) == (ending == "jpg")


def test_photoshop_data_of_a_jpeg_is_carried(tmp_path):
    data = b"8BIM\4\4\0\0" + struct.pack(">I", 10) + b"\x1c\x02\x78\0\5words"
    segment = b"\xff\xed" + struct.pack(">H", len(data) + 16) + b"Photoshop 3.0\0" + data
    PILImage.new("RGB", (9, 9)).save(tmp_path / "in.jpg", extra=segment)
    _, notes, out = again(tmp_path / "in.jpg")
    assert notes == ()
    write_image(read_image(out), tmp_path / "back.jpg")
    assert data in (tmp_path / "back.jpg").read_bytes()


@pytest.mark.parametrize(
    ("aspect", "stored"), [((1, 2), (1, 2)), ((0.25, 0.5), (25, 50)), ((5.0234, 1), (50234, 10000))]
)
def test_an_aspect_of_a_tiff_becomes_whole_numbers(tmp_path, aspect, stored):
    write_image(Image(np.zeros((4, 4, 3), np.uint8), "RGB", {"aspect": aspect}), tmp_path / "a.png")
    assert dict(chunks_of((tmp_path / "a.png").read_bytes()))[b"pHYs"] == struct.pack(">IIB", *stored, 0)


def test_a_profile_keeps_its_name(tmp_path):
    path = made(tmp_path, before=[(b"iCCP", b"Display P3\0\0" + zlib.compress(icc()))])
    _, notes, out = again(path)
    assert notes == ()
    assert out.read_bytes().count(b"iCCPDisplay P3\0") == 1
