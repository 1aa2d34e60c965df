"""WebP files: what lies around the pixels stays or is told, and damage is refused or told."""

import io
import struct

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import read_image
from sharpcli.image.write import write_image
from tests.fuzz.seeds import exif, icc

DOWN, ACROSS = np.mgrid[0:90, 0:100]
COLORS = np.stack([ACROSS, DOWN, ACROSS + DOWN], axis=2).astype(np.uint8)
COLORS[20:60, 20:60] = np.random.default_rng(2).integers(0, 256, (40, 40, 3))
ALPHA = np.random.default_rng(2).integers(0, 256, (90, 100, 1), dtype=np.uint8)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF dc:source="kept" xmlns:dc="d"/></x:xmpmeta>'
KINDS = {
    "lossy": (COLORS, {"quality": 90}),
    "lossless": (COLORS, {"lossless": True}),
    "clear": (np.concatenate([COLORS, ALPHA], axis=2), {"quality": 90}),
    "lossless, clear": (np.concatenate([COLORS, ALPHA], axis=2), {"lossless": True, "exact": True}),
}


def made(tmp_path, kind="lossy", **options):
    pixels, how = KINDS[kind]
    PILImage.fromarray(pixels).save(tmp_path / "in.webp", **how, **options)
    return tmp_path / "in.webp"


def with_chunk(path, name, body):
    data = path.read_bytes() + name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8) + data[8:])


def chunks_of(data):
    place, found = 12, []
    while place < len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        found.append((data[place : place + 4], data[place + 8 : place + 8 + length]))
        place += 8 + length + length % 2
    return found


def again(path, ending="webp"):
    image = read_image(path)
    out = path.with_name(f"out.{ending}")
    return image, (*image.notes, *write_image(image, out)), out


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_around_the_pixels_stays(tmp_path, kind):
    path = made(tmp_path, kind, icc_profile=icc(), exif=exif(orientation=1)[6:], xmp=XMP)
    with_chunk(path, b"ODD ", b"nobody knows")
    image, notes, out = again(path)
    assert notes == ()
    held = dict(chunks_of(out.read_bytes()))
    assert (held[b"ICCP"], held[b"XMP "], held[b"ODD "]) == (icc(), XMP, b"nobody knows")
    with PILImage.open(out) as written:
        assert written.mode == image.mode
        assert written.getexif()[272] == "Box Brownie"
        if "lossless" in kind:
            np.testing.assert_array_equal(np.asarray(written), image.pixels)
    assert ("VP8L" if "lossless" in kind else "VP8 ").encode() in held


def test_a_chunk_that_has_no_place_elsewhere_is_told(tmp_path):
    path = made(tmp_path, xmp=XMP)
    with_chunk(path, b"ODD ", b"nobody knows")
    assert again(path, "png")[1] == ("not carried over: WebP chunk (ODD)",)


def test_a_signed_history_and_data_behind_the_image_are_told(tmp_path):
    path = made(tmp_path)
    with_chunk(path, b"C2PA", b"jumb")
    path.write_bytes(path.read_bytes() + b"video")
    assert again(path)[1] == ("not carried over: C2PA/JUMBF, data behind the image",)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_file_is_refused_behind_a_good_one(tmp_path, kind, share):
    path = made(tmp_path, kind)
    whole = path.read_bytes()
    read_image(path)
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ImageError, match=r"damaged( or|,) truncated"):
        read_image(path)


@pytest.mark.parametrize("name", [b"VP8 ", b"VP8L", b"ALPH"])
def test_pixels_whose_end_never_arrived_are_refused_or_told(tmp_path, name):
    path = made(tmp_path, {b"VP8 ": "lossy", b"VP8L": "lossless", b"ALPH": "clear"}[name])
    data = path.read_bytes()
    place = data.index(name) + 8
    length = int.from_bytes(data[place - 4 : place], "little")
    path.write_bytes(data[: place + length // 2] + bytes(length - length // 2) + data[place + length :])
    try:
        assert "ends in zeros" in "".join(read_image(path).notes)
    except ImageError as error:
        assert "damaged" in str(error)


def test_an_animation_is_refused(tmp_path):
    frames = [PILImage.fromarray(COLORS), PILImage.fromarray(COLORS[::-1])]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:])
    (tmp_path / "in.webp").write_bytes(file.getvalue())
    with pytest.raises(ImageError, match="several frames"):
        read_image(tmp_path / "in.webp")
