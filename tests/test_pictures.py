import numpy as np
import pytest
from PIL import Image, ImageCms

from sharpcli.errors import PictureError
from sharpcli.pictures import Picture
from sharpcli.reading import read_picture
from sharpcli.writing import write_picture

ORIENTATION = 0x0112
CAMERA = 0x0110


def saved(path, image, **options):
    image.save(path, **options)
    return path


@pytest.mark.parametrize(
    ("mode", "ending", "becomes"),
    [
        ("RGB", "png", "RGB"),
        ("RGBA", "png", "RGBA"),
        ("L", "png", "L"),
        ("LA", "png", "LA"),
        ("1", "png", "L"),
        ("P", "png", "RGB"),
        ("CMYK", "tif", "CMYK"),
        ("CMYK", "jpg", "CMYK"),
        ("RGB", "bmp", "RGB"),
        ("RGBA", "webp", "RGBA"),
    ],
)
def test_modes_are_read_as_what_they_are_and_written_back(tmp_path, photo, mode, ending, becomes):
    image = Image.fromarray(photo[:40, :60]).convert(mode)
    if mode.endswith("A"):
        image.putalpha(image.getchannel(0))
    path = saved(tmp_path / f"in.{ending}", image)
    picture = read_picture(path)
    assert picture.mode == becomes
    assert picture.pixels.shape == (40, 60, len(becomes))
    write_picture(picture, tmp_path / f"out.{ending}")
    with Image.open(tmp_path / f"out.{ending}") as back:
        assert (back.mode, back.size) == (becomes, (60, 40))


@pytest.mark.parametrize("ending", ["png", "tif", "bmp"])
def test_lossless_formats_keep_every_pixel(tmp_path, photo, ending):
    write_picture(Picture(photo, "RGB"), tmp_path / f"a.{ending}")
    np.testing.assert_array_equal(read_picture(tmp_path / f"a.{ending}").pixels, photo)


def test_palette_transparency_becomes_alpha(tmp_path):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.putpixel((0, 0), 1)
    picture = read_picture(saved(tmp_path / "p.png", image, transparency=1))
    assert picture.mode == "RGBA"
    assert picture.pixels[0, 0, 3] == 0
    assert (picture.pixels[1:, :, 3] == 255).all()


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_orientation_is_applied_once_and_its_tag_goes(tmp_path, photo, orientation, ending):
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, "Box Brownie"
    path = saved(tmp_path / f"in.{ending}", Image.fromarray(photo[:40, :60]), exif=exif)
    picture = read_picture(path)
    assert picture.pixels.shape[:2] == ((60, 40) if orientation >= 5 else (40, 60))
    write_picture(picture, tmp_path / f"out.{ending}")
    with Image.open(tmp_path / f"out.{ending}") as back:
        assert back.getexif().get(ORIENTATION, 1) == 1
        assert back.getexif()[CAMERA] == "Box Brownie"
    again = read_picture(tmp_path / f"out.{ending}")
    assert np.abs(again.pixels.astype(int) - picture.pixels).mean() < 8


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_the_colour_profile_is_kept(tmp_path, photo, ending):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path / f"in.{ending}", Image.fromarray(photo[:40, :60]), icc_profile=profile)
    write_picture(read_picture(path), tmp_path / f"out.{ending}")
    with Image.open(tmp_path / f"out.{ending}") as back:
        assert back.info["icc_profile"] == profile


def test_the_print_size_and_chroma_sampling_of_a_jpeg_are_kept(tmp_path, photo):
    path = saved(tmp_path / "in.jpg", Image.fromarray(photo), dpi=(300, 300), subsampling=0)
    write_picture(read_picture(path), tmp_path / "out.jpg")
    assert read_picture(tmp_path / "out.jpg").metadata["subsampling"] == 0
    assert read_picture(tmp_path / "out.jpg").metadata["dpi"] == (300, 300)


def deep(path):
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(path)


def deep_rgb(path):
    # Pillow cannot write 16-bit RGB, so the file is made by hand: header, one row of zeros, end.
    import struct
    import zlib

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(7))) + chunk(b"IEND", b"")
    )


def bomb(path):
    import struct
    import zlib

    body = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 25_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13)
        + body
        + struct.pack(">I", zlib.crc32(body))
        + struct.pack(">I", 9)
        + b"IDAT"
        + bytes(13)
    )


def truncated(path):
    Image.effect_noise((64, 64), 50).save(path, format="PNG")
    path.write_bytes(path.read_bytes()[:1500])


def animated(path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:])


BAD = {
    "text": (lambda path: path.write_text("not a picture"), "is not a picture"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "truncated": (truncated, "truncated"),
    "bomb": (bomb, "megapixels"),
    "16-bit": (deep, "more than 8 bits"),
    "16-bit rgb": (deep_rgb, "more than 8 bits"),
    "animated": (animated, "several frames"),
    "missing": (lambda path: None, "no such file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_refused_in_words(tmp_path, kind):
    make, said = BAD[kind]
    make(tmp_path / "bad.png")
    with pytest.raises(PictureError, match=said) as caught:
        read_picture(tmp_path / "bad.png")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "name", "said"),
    [("RGBA", "a.jpg", "no transparency"), ("RGB", "a.gif", "use --format"), ("CMYK", "a.png", "cannot be written")],
)
def test_what_a_format_cannot_hold_is_refused_and_leaves_nothing(tmp_path, mode, name, said):
    with pytest.raises(PictureError, match=said):
        write_picture(Picture(np.zeros((4, 4, len(mode)), np.uint8), mode), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_leaves_the_earlier_file_as_it_was(tmp_path, monkeypatch):
    target = tmp_path / "a.png"
    target.write_bytes(b"earlier")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(PictureError, match="No space left"):
        write_picture(Picture(np.zeros((4, 4, 3), np.uint8), "RGB"), target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"earlier"]
