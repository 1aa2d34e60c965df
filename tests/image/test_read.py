import os
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.errors import ImageError
from sharpcli.image.read import opened, read_image
from sharpcli.image.scratch import scratch_space
from sharpcli.image.write import write_image
from tests.helpers.files import png_of

ORIENTATION = 0x0112


def saved(path, image, **options):
    image.save(path, **options)
    return path


def colored(photo, mode):
    image = PILImage.fromarray(photo[:40, :60]).convert(mode)
    if mode.endswith("A"):
        image.putalpha(image.getchannel(0))
    return image


@pytest.mark.parametrize(
    ("mode", "ending", "becomes"),
    [
        ("RGB", "png", "RGB"),
        ("RGBA", "png", "RGBA"),
        ("L", "png", "L"),
        ("LA", "png", "LA"),
        ("1", "png", "L"),
        ("P", "png", "RGB"),
        ("L", "tif", "L"),
        ("LA", "tif", "LA"),
        ("1", "tif", "L"),
        ("P", "tif", "RGB"),
        ("RGBA", "tif", "RGBA"),
        ("CMYK", "tif", "CMYK"),
        ("CMYK", "jpg", "CMYK"),
        ("L", "jpg", "L"),
        ("RGB", "bmp", "RGB"),
        ("L", "bmp", "L"),
        ("P", "bmp", "RGB"),
        ("RGBA", "webp", "RGBA"),
        ("RGB", "webp", "RGB"),
        ("L", "avif", "L"),
        ("RGB", "avif", "RGB"),
        ("RGBA", "avif", "RGBA"),
    ],
)
def test_modes_are_read_as_what_they_are(tmp_path, photo, mode, ending, becomes):
    path = saved(tmp_path / f"in.{ending}", colored(photo, mode))
    with opened(path) as source:
        header, image = source.header, source.read()
    assert (header.width, header.height, header.mode, header.depth) == (60, 40, becomes, 8)
    assert image.mode == becomes
    with PILImage.open(path) as pil_image:
        expected = np.array(pil_image.convert(becomes)).reshape(40, 60, len(becomes))
    np.testing.assert_array_equal(image.pixels, expected)


def test_palette_transparency_becomes_alpha(tmp_path):
    pil_image = PILImage.new("P", (4, 4), 0)
    pil_image.putpalette([255, 0, 0, 0, 255, 0])
    pil_image.putpixel((0, 0), 1)
    image = read_image(saved(tmp_path / "p.png", pil_image, transparency=1))
    assert image.mode == "RGBA"
    assert image.pixels[0, 0, 3] == 0
    assert (image.pixels[1:, :, 3] == 255).all()


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif", "avif"])
def test_orientation_is_applied_and_its_tag_reset(tmp_path, photo, orientation, ending):
    exif = PILImage.Exif()
    exif[ORIENTATION] = orientation
    exif[0x0110] = "Box Brownie"
    upright = read_image(saved(tmp_path / f"up.{ending}", PILImage.fromarray(photo[:40, :60])))
    path = saved(tmp_path / f"in.{ending}", PILImage.fromarray(photo[:40, :60]), exif=exif)
    with opened(path) as source:
        header, image = source.header, source.read()
    assert image.pixels.shape == (header.height, header.width, 3)
    turned = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: np.rot90,
    }[orientation]
    np.testing.assert_array_equal(image.pixels, turned(upright.pixels))
    kept = PILImage.Exif()
    kept.load(image.metadata["exif"])
    assert kept.get(ORIENTATION, 1) == 1
    assert kept[0x0110] == "Box Brownie"


def test_an_orientation_in_the_xmp_goes_too(tmp_path, photo):
    exif = PILImage.Exif()
    exif[ORIENTATION] = 6
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6" xmp:Rating="4"/></x:xmpmeta>'
    path = saved(tmp_path / "in.jpg", PILImage.fromarray(photo[:40, :60]), exif=exif, xmp=xmp)
    assert read_image(path).metadata["xmp"] == b'<x:xmpmeta><rdf:Description xmp:Rating="4"/></x:xmpmeta>'


def test_a_mislabelled_file_is_read_as_what_it_is(tmp_path, photo):
    path = saved(tmp_path / "in.jpg", PILImage.fromarray(photo), format="PNG")
    np.testing.assert_array_equal(read_image(path).pixels, photo)


@pytest.mark.parametrize("ending", ["png", "tif", "jpg", "webp", "avif", "bmp"])
def test_pixels_can_lie_in_a_file_while_they_are_read(tmp_path, photo, ending):
    path = saved(tmp_path / f"in.{ending}", PILImage.fromarray(photo))
    with scratch_space(0, tmp_path) as scratch, opened(path) as source:
        np.testing.assert_array_equal(source.read(scratch).pixels, read_image(path).pixels)


def claims(width, height):
    return lambda path: path.write_bytes(png_of(width, height, 8, 2, [b""]))


@pytest.mark.parametrize(
    "make",
    [claims(20_000, 10_000), lambda path: tifffile.imwrite(path, np.zeros((14_000, 14_300), np.uint8), compression=8)],
    ids=["png", "tiff"],
)
def test_only_the_header_is_read_until_the_pixels_are_wanted(tmp_path, make):
    make(tmp_path / "large")
    with opened(tmp_path / "large") as source:
        assert source.header.width * source.header.height >= 200_000_000


def several(format, ending, **options):
    def make(path):
        frames = [PILImage.effect_noise((16, 16), spread) for spread in (20, 90)]
        frames[0].save(path, format, save_all=True, append_images=frames[1:], **options)

    return make


def truncated(format, keep=0.6):
    def make(path):
        PILImage.effect_noise((64, 64), 50).convert("RGB").save(path, format=format)
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])

    return make


def tiff(pixels, **options):
    return lambda path: tifffile.imwrite(path, pixels, **options)


def tiff_of_unknown_compression(path):
    tifffile.imwrite(path, np.zeros((8, 8), np.uint16), compression="zstd")
    with tifffile.TiffFile(path, mode="r+") as file:
        file.pages[0].tags["Compression"].overwrite(40000)


def mpo_of_two_undefined_views(path):
    views = [PILImage.effect_noise((32, 32), spread) for spread in (20, 90)]
    views[0].save(path, "MPO", save_all=True, append_images=views[1:])


def mpo_of_two_views(path):
    mpo_of_two_undefined_views(path)
    # Pillow calls the second "undefined"; its entry is 16 bytes behind the first's, whose place this is.
    data = path.read_bytes()
    entry = data.index(b"MPF\0") + 54 + 16
    path.write_bytes(data[:entry] + b"\x02\x00\x02\x00" + data[entry + 4 :])


BAD = {
    "text": (lambda path: path.write_text("not an image"), "is not an image"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "missing": (lambda path: None, "no such file"),
    "folder": (lambda path: path.mkdir(), "Is a directory"),
    "pipe": (os.mkfifo, "neither a file nor a folder"),
    **{f"half a {name}": (truncated(name), "truncated") for name in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "AVIF")},
    "a PNG's first bytes": (lambda path: path.write_bytes(png_of(4, 4, 8, 2, [])[:20]), "damaged|cannot be read"),
    "animated GIF": (several("GIF", "gif"), "several frames"),
    "animated PNG": (several("PNG", "png"), "several frames"),
    "animated WebP": (several("WEBP", "webp"), "several frames"),
    "animated AVIF": (several("AVIF", "avif"), "several frames"),
    "TIFF of two pages": (several("TIFF", "tif"), "several frames"),
    "two views": (mpo_of_two_views, "several frames"),
    "two views of no stated kind": (mpo_of_two_undefined_views, "several frames"),
    "float": (tiff(np.zeros((8, 8), np.float32)), "number format"),
    "32 bits": (tiff(np.zeros((8, 8), np.uint32)), "number format"),
    "signed": (tiff(np.zeros((8, 8), np.int16)), "number format"),
    "complex": (tiff(np.zeros((8, 8), np.complex64)), "number format"),
    "signed bytes": (tiff(np.zeros((8, 8), np.int8)), "number format"),
    "LAB": (lambda path: PILImage.new("LAB", (8, 8)).save(path, "TIFF"), "number format"),
    "deep LAB": (tiff(np.zeros((8, 8, 3), np.uint16), photometric="cielab"), "number format"),
    "12 bits": (tiff(np.zeros((8, 8), np.uint16), bitspersample=12), "number format"),
    "deep Zstandard": (
        tiff(np.zeros((8, 8, 3), np.uint16), photometric="rgb", compression="zstd"),
        "compression ZSTD, which",
    ),
    "deep JPEG XL": (
        tiff(np.zeros((8, 8), np.uint16), compression="jpegxl"),
        "compression JPEGXL, which.* deflate or LZW",
    ),
    "unknown packing": (tiff_of_unknown_compression, "compression method 40000, which"),
    "float Zstandard": (tiff(np.zeros((8, 8), np.float32), compression="zstd"), "number format"),
    "five channels": (tiff(np.zeros((8, 8, 5), np.uint16), photometric="rgb", planarconfig="contig"), "number format"),
    "JPEG 2000": (lambda path: PILImage.new("RGB", (8, 8)).save(path, "JPEG2000"), "is JPEG 2000, which"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_in_words(tmp_path, kind):
    make, message = BAD[kind]
    make(tmp_path / "bad.png")
    with pytest.raises(ImageError, match=message) as caught:
        read_image(tmp_path / "bad.png")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "bmp", "avif"])
def test_no_cut_of_a_file_is_read_as_if_it_were_whole(tmp_path, photo, ending):
    path = saved(tmp_path / f"in.{ending}", PILImage.fromarray(photo[:64, :64]))
    whole, expected = path.read_bytes(), read_image(path).pixels
    for size in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:size])
        # Some bytes at the end say nothing of the pixels; whatever is read must at least be all of them.
        try:
            np.testing.assert_array_equal(read_image(path).pixels, expected)
        except ImageError as error:
            assert "\n" not in str(error)


def test_previews_behind_a_photo_are_left_out_and_that_is_reported(tmp_path, photo):
    pil_image = PILImage.fromarray(photo[:64, :96])
    pil_image.save(tmp_path / "in.jpg", "MPO", save_all=True, append_images=[pil_image.resize((48, 32))])
    image = read_image(tmp_path / "in.jpg")
    assert image.pixels.shape == (64, 96, 3)
    assert write_image(image, tmp_path / "out.jpg") == ("not carried over: preview",)


def test_a_gain_map_lends_the_photo_none_of_its_metadata_and_may_be_cut_off(tmp_path, photo):
    image = PILImage.fromarray(photo[:64, :96])
    preview = image.resize((48, 32))
    preview.info["comment"] = b"of the gain map"
    path = saved(tmp_path / "in.jpg", image, format="MPO", save_all=True, append_images=[preview])
    assert b"of the gain map" in path.read_bytes()
    whole = read_image(path)
    assert b"of the gain map" not in whole.metadata.values()
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\xff\xd9") + 2])
    np.testing.assert_array_equal(read_image(path).pixels, whole.pixels)


def test_small_pages_of_a_tiff_are_previews(tmp_path, photo):
    with tifffile.TiffWriter(tmp_path / "in.tif") as file:
        file.write(photo, photometric="rgb")
        file.write(photo[::2, ::2], photometric="rgb", subfiletype=1)
    image = read_image(tmp_path / "in.tif")
    np.testing.assert_array_equal(image.pixels, photo)
    assert write_image(image, tmp_path / "out.tif") == ("not carried over: preview",)


@pytest.mark.parametrize("kinds", [["unspecified"], ["unassalpha", "unspecified"]])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_a_channel_without_a_meaning_is_left_out_and_that_is_reported(tmp_path, photo, kinds, compression):
    pixels = np.dstack([photo, *[photo[..., 0]] * len(kinds)])
    options = {"photometric": "rgb", "planarconfig": "contig", "compression": compression}
    tifffile.imwrite(tmp_path / "in.tif", pixels, extrasamples=kinds, **options)
    image = read_image(tmp_path / "in.tif")
    np.testing.assert_array_equal(image.pixels, pixels[..., : 2 + len(kinds)])
    assert write_image(image, tmp_path / "out.tif") == ("not carried over: channel",)


def test_a_file_that_changes_meanwhile_is_refused(tmp_path, photo):
    path = saved(tmp_path / "in.png", PILImage.fromarray(photo))
    with opened(path) as source:
        os.utime(path, (1, 1))
        with pytest.raises(ImageError, match="changed while it was read"):
            source.read()


def test_a_file_that_vanishes_meanwhile_is_refused(tmp_path, photo):
    path = saved(tmp_path / "in.png", PILImage.fromarray(photo))
    with opened(path) as source:
        path.unlink()
        with pytest.raises(ImageError, match="no such file"):
            source.read()


def test_an_icc_profile_that_unpacks_to_gigabytes_is_refused_or_left_out(tmp_path):
    import zlib

    bomb = b"a\0\0" + zlib.compress(bytes(80 << 20))
    path = tmp_path / "in.png"
    path.write_bytes(png_of(2, 2, 8, 2, [bytes(6)] * 2, before=[(b"iCCP", bomb)], after=[(b"zTXt", bomb)]))
    try:
        assert "icc_profile" not in read_image(path).metadata
    except ImageError as error:
        assert "\n" not in str(error)


def odd_jpeg(path):
    exif = PILImage.Exif()
    exif[0x010E] = "a description that will be cut"
    PILImage.new("RGB", (8, 8)).save(path, "JPEG", exif=exif.tobytes()[:-12])


def odd_tiff(path):
    tifffile.imwrite(path, np.zeros((8, 8, 3), np.uint8), photometric="rgb")
    data = path.read_bytes()
    software = (305).to_bytes(2, "little") + b"\x02\0"
    path.write_bytes(data.replace(software, software[:2] + b"\x63\0"))


@pytest.mark.parametrize("make", [odd_jpeg, odd_tiff])
def test_nothing_is_reported_on_the_screen_about_odd_files(tmp_path, make):
    make(tmp_path / "odd")
    program = "import sys, pathlib; from sharpcli.image.read import read_image; read_image(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", program, str(tmp_path / "odd")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stderr == ""


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_damaged_exif_does_not_cost_the_image(tmp_path, photo, ending):
    path = saved(tmp_path / f"in.{ending}", PILImage.fromarray(photo), exif=b"Exif\0\0no such thing at all")
    image = read_image(path)
    assert image.pixels.shape == photo.shape
    assert "exif" not in image.metadata
    assert image.notes == ("its damaged Exif data was dropped",)


def test_the_color_profile_is_read_byte_for_byte(tmp_path, photo):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for ending in ("png", "jpg", "webp", "tif", "avif"):
        path = saved(tmp_path / f"in.{ending}", PILImage.fromarray(photo), icc_profile=profile)
        assert read_image(path).metadata["icc_profile"] == profile


@pytest.mark.parametrize("content", [b"x", b"\x89", b"II", b"RIFF", b"\xff", b"BM", b"GIF"])
def test_a_file_of_a_few_bytes_is_no_image(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ImageError) as caught:
        read_image(tmp_path / "a.png")
    assert "(" not in str(caught.value), "a reason that only a programmer understands"


def test_a_jpeg_that_is_drawn_over_and_over_is_refused(tmp_path, photo):
    """A small file can ask for hours of work: each scan goes over all of the image."""
    path = tmp_path / "a.jpg"
    PILImage.fromarray(photo).save(path, progressive=True)
    assert read_image(path).pixels.shape == photo.shape
    data = path.read_bytes()
    last = data.rindex(b"\xff\xda")
    path.write_bytes(data[:last] + data[last:-2] * 600 + data[-2:])
    with pytest.raises(ImageError, match="scans"):
        read_image(path)
