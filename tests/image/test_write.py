import io
import subprocess
import sys

import numpy as np
import pytest
import tifffile
from PIL import ExifTags, ImageCms, JpegImagePlugin
from PIL import Image as PILImage
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.image.scratch import scratch_space
from sharpcli.image.write import write_image
from tests.helpers.files import chunk, png_of

WITH_EXIF = ["png", "jpg", "webp", "tif", "avif"]
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmp:Rating="4"/></x:xmpmeta>'
NOTE = b"MAKER\0" + bytes(range(200))


def full_exif(orientation=None):
    exif = PILImage.Exif()
    exif[0x0110], exif[0x8298] = "Box Brownie", "Somebody"
    if orientation:
        exif[0x0112] = orientation
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[0x829A], inner[0x9003], inner[0x927C] = IFDRational(1, 125), "2020:01:02 03:04:05", NOTE
    inner[0x9000] = b"0232"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[1], gps[2] = "N", (IFDRational(47), IFDRational(22), IFDRational(123, 10))
    return exif


def source(folder, photo, ending="jpg", orientation=None, **options):
    options = {"icc_profile": PROFILE, "dpi": (300, 300), "xmp": XMP, **options}
    if ending == "png":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", options.pop("xmp"))
        options["pnginfo"] = info
    if ending == "tif":
        tags = PILImage.Exif()
        tags.load(full_exif(orientation).tobytes())
        tags[700] = options.pop("xmp")
        options["exif"] = tags
    path = folder / f"source.{ending}"
    PILImage.fromarray(photo[:40, :60]).save(path, **{"exif": full_exif(orientation), **options})
    return path


def assert_exif(exif):
    assert (exif[0x0110], exif[0x8298], exif.get(0x0112, 1)) == ("Box Brownie", "Somebody", 1)
    inner, gps = exif.get_ifd(ExifTags.IFD.Exif), exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert (inner[0x829A], inner[0x9003], inner[0x927C]) == (1 / 125, "2020:01:02 03:04:05", NOTE)
    assert (gps[1], tuple(map(float, gps[2]))) == ("N", (47, 22, 12.3))


@pytest.mark.parametrize("orientation", [None, 6])
@pytest.mark.parametrize("deep", [False, True], ids=["8 bits", "16 bits"])
@pytest.mark.parametrize("ending", WITH_EXIF)
@pytest.mark.parametrize("origin", WITH_EXIF)
def test_what_a_file_says_goes_along_into_any_format(tmp_path, photo, origin, ending, deep, orientation):
    image = read_image(source(tmp_path, photo, origin, orientation))
    if deep and ending in ("png", "tif"):
        image = Image(image.pixels.astype(np.uint16) * 257, image.mode, image.metadata)
    elif deep:
        pytest.skip("this format has 8 bits")
    write_image(image, tmp_path / f"out.{ending}")
    again = read_image(tmp_path / f"out.{ending}")
    assert again.metadata["icc_profile"] == PROFILE
    assert again.metadata["xmp"] == XMP
    if ending in ("png", "jpg", "tif") and origin in ("png", "jpg", "tif"):
        assert again.metadata["dpi"] == pytest.approx((300, 300), rel=1e-4)
    with PILImage.open(tmp_path / f"out.{ending}") as pil_image:
        assert pil_image.info["icc_profile"] == PROFILE
        assert pil_image.size == image.pixels.shape[1::-1]
        assert_exif(pil_image.getexif())


@pytest.mark.parametrize("ending", WITH_EXIF)
def test_a_tiffs_layout_does_not_leak_into_the_next_file(tmp_path, photo, ending):
    PILImage.fromarray(photo[:40, :60]).save(tmp_path / "in.tif", compression="tiff_lzw", exif=full_exif())
    image = read_image(tmp_path / "in.tif")
    write_image(Image(image.pixels[:16, :16], "RGB", image.metadata), tmp_path / f"out.{ending}")
    exif = PILImage.Exif()
    exif.load(read_image(tmp_path / f"out.{ending}").metadata["exif"])
    assert not {256, 257, 258, 259, 262, 273, 277, 278, 279, 317} & set(exif)
    assert read_image(tmp_path / f"out.{ending}").pixels.shape == (16, 16, 3)


def test_the_size_in_exif_is_that_of_the_result(tmp_path, photo):
    exif = full_exif()
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[40962], inner[40963] = 60, 40
    image = read_image(source(tmp_path, photo, exif=exif))
    write_image(Image(image.pixels.repeat(2, 0), "RGB", image.metadata), tmp_path / "out.jpg")
    with PILImage.open(tmp_path / "out.jpg") as pil_image:
        inner = pil_image.getexif().get_ifd(ExifTags.IFD.Exif)
        assert (inner[40962], inner[40963]) == (60, 80)
        assert_exif(pil_image.getexif())


def test_long_tags_of_a_tiff_do_not_cost_a_jpeg_its_exif(tmp_path, photo):
    tags = PILImage.Exif()
    tags.load(full_exif().tobytes())
    tags[65000], tags[0x013B], tags[0x0112] = bytes(70_000), "Łuk Grün", 1
    PILImage.fromarray(photo).save(tmp_path / "in.tif", exif=tags)
    image = read_image(tmp_path / "in.tif")
    for name in ("out.jpg", "out.tif"):
        write_image(image, tmp_path / name)
        with PILImage.open(tmp_path / name) as pil_image:
            assert_exif(pil_image.getexif())
            assert pil_image.getexif()[0x013B] == image_artist(image)
            assert (65000 in pil_image.getexif()) is (name == "out.tif")


def image_artist(image):
    exif = PILImage.Exif()
    exif.load(image.metadata["exif"])
    return exif[0x013B]


def test_exif_of_an_upright_jpeg_stays_byte_for_byte(tmp_path, photo):
    path = source(tmp_path, photo)
    write_image(read_image(path), tmp_path / "out.jpg")
    with PILImage.open(path) as before, PILImage.open(tmp_path / "out.jpg") as after:
        assert before.info["exif"] == after.info["exif"]


@pytest.mark.parametrize("ending", ["jpg", "tif"])
def test_comment_and_photoshops_resources_of_a_jpeg_are_kept(tmp_path, photo, ending):
    resources = b"8BIM\x04\x04\0\0" + (70_000).to_bytes(4, "big") + b"\x1c\x02\x78\0\x05Words".ljust(70_000, b"\0")
    parts = [b"Photoshop 3.0\0" + resources[:40_000], b"Photoshop 3.0\0" + resources[40_000:]]
    extra = b"".join(b"\xff\xed" + (len(part) + 2).to_bytes(2, "big") + part for part in parts)
    path = source(tmp_path, photo, comment=b"a comment", extra=extra)
    write_image(read_image(path), tmp_path / f"out.{ending}")
    write_image(read_image(tmp_path / f"out.{ending}"), tmp_path / "back.jpg")
    metadata = read_image(tmp_path / "back.jpg").metadata
    assert metadata["photoshop"] == resources
    assert ending == "tif" or metadata["comments"] == (b"a comment",)


@pytest.mark.parametrize("origin", ["webp", "avif", "png"])
@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "bmp"])
@pytest.mark.parametrize(("unit", "inch"), [(None, 1), (2, 1), (3, 2.54)])
def test_a_print_size_that_only_exif_tells_is_kept(tmp_path, origin, ending, unit, inch):
    exif = PILImage.Exif()
    exif[0x011A], exif[0x011B] = IFDRational(300), IFDRational(150)
    if unit:
        exif[0x0128] = unit
    PILImage.new("RGB", (3, 2)).save(tmp_path / f"in.{origin}", exif=exif.tobytes())
    write_image(read_image(tmp_path / f"in.{origin}"), tmp_path / f"out.{ending}")
    with PILImage.open(tmp_path / f"out.{ending}") as image:
        np.testing.assert_allclose(tuple(map(float, image.info["dpi"])), (300 * inch, 150 * inch), rtol=0.01)


@pytest.mark.parametrize("depth", [8, 16])
def test_texts_and_color_chunks_of_a_png_are_kept(tmp_path, depth):
    chunks = [
        (b"cICP", bytes([12, 13, 0, 1])),
        (b"gAMA", (45455).to_bytes(4, "big")),
        (b"cHRM", b"".join(value.to_bytes(4, "big") for value in (31270, 32900, 64000, 33000, 30000, 60000, 1, 2))),
        (b"sRGB", b"\1"),
        (b"tEXt", b"Title\0Gr\xfcn"),
    ]
    after = [(b"iTXt", b"Author\0\0\0de\0Autor\0" + "Łukasz".encode()), (b"tIME", bytes(7))]
    rows = [bytes(3 * 4 * depth // 8)] * 4
    (tmp_path / "in.png").write_bytes(png_of(4, 4, depth, 2, rows, before=chunks, after=after))
    write_image(read_image(tmp_path / "in.png"), tmp_path / "out.png")
    data = (tmp_path / "out.png").read_bytes()
    for kind, body in [*chunks, after[0]]:
        assert data.count(chunk(kind, body)) == 1
    with PILImage.open(tmp_path / "out.png") as image:
        assert image.text == {"Title": "Grün", "Author": "Łukasz"}
        image.load()


@pytest.mark.parametrize("kind", ["iptc", "8bim", "APP1"])
@pytest.mark.parametrize("compressed", [False, True])
def test_a_raw_profile_of_a_png_is_kept(tmp_path, kind, compressed):
    key, value = f"Raw profile type {kind}", f"\n{kind}\n       4\n1c020000\n"
    info = PngInfo()
    info.add_text(key, value, zip=compressed)
    info.add_text(
        "Raw profile type exif", "\nexif\n   " + f"{len(full_exif().tobytes())}\n{full_exif().tobytes().hex()}\n"
    )
    PILImage.new("RGB", (3, 2)).save(tmp_path / "in.png", pnginfo=info)
    write_image(read_image(tmp_path / "in.png"), tmp_path / "out.png")
    with PILImage.open(tmp_path / "out.png") as image:
        assert image.text == {key: value}
        assert_exif(image.getexif())


def test_strip_leaves_nothing_but_what_colors_need(tmp_path, photo):
    for origin in WITH_EXIF:
        image = read_image(source(tmp_path, photo, origin))
        for ending in WITH_EXIF:
            write_image(image, tmp_path / f"out.{ending}", strip=True)
            metadata = read_image(tmp_path / f"out.{ending}").metadata
            assert metadata["icc_profile"] == PROFILE
            assert not {"exif", "xmp", "dpi", "comments", "text", "photoshop"} & set(metadata), (origin, ending)


TABLES = [[1 + (7 * place) % 97 for place in range(64)], [2 + (5 * place) % 89 for place in range(64)]]


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 1, 2])
def test_a_jpeg_is_compressed_as_it_was(tmp_path, photo, subsampling, progressive):
    path = source(tmp_path, photo, qtables=TABLES, subsampling=subsampling, progressive=progressive)
    write_image(read_image(path), tmp_path / "out.jpg")
    with PILImage.open(path) as before, PILImage.open(tmp_path / "out.jpg") as after:
        assert after.quantization == before.quantization == dict(enumerate(TABLES))
        assert JpegImagePlugin.get_sampling(after) == subsampling
        assert bool(after.info.get("progressive")) is progressive


@pytest.mark.parametrize(("subsampling", "becomes"), [(0, 0), (1, 0), (2, 2)])
def test_a_turned_jpeg_has_its_tables_turned_too(tmp_path, photo, subsampling, becomes):
    path = source(tmp_path, photo, orientation=8, qtables=TABLES, subsampling=subsampling)
    write_image(read_image(path), tmp_path / "out.jpg")
    with PILImage.open(tmp_path / "out.jpg") as after:
        for number, table in enumerate(TABLES):
            np.testing.assert_array_equal(np.reshape(after.quantization[number], (8, 8)), np.reshape(table, (8, 8)).T)
        assert JpegImagePlugin.get_sampling(after) == becomes


def test_inks_stored_as_luma_and_chroma_all_get_the_fine_table(tmp_path, photo):
    luma, chroma = TABLES
    file = io.BytesIO()
    PILImage.fromarray(photo[:40, :60]).convert("CMYK").save(file, "JPEG", qtables=[luma, chroma, chroma, luma])
    data = bytearray(file.getvalue())
    data[data.index(b"Adobe") + 11] = 2
    (tmp_path / "in.jpg").write_bytes(data)
    write_image(read_image(tmp_path / "in.jpg"), tmp_path / "out.jpg")
    with PILImage.open(tmp_path / "in.jpg") as before, PILImage.open(tmp_path / "out.jpg") as after:
        assert [before.quantization[layer[3]] for layer in before.layer] == [luma, chroma, chroma, luma]
        assert [after.quantization[layer[3]] for layer in after.layer] == [luma] * 4


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpegs_of_other_modes_keep_their_tables_and_values(tmp_path, photo, mode):
    pil_image = PILImage.fromarray(photo[:40, :60]).convert(mode)
    pil_image.save(tmp_path / "in.jpg", quality=80)
    image = read_image(tmp_path / "in.jpg")
    write_image(image, tmp_path / "out.jpg")
    with PILImage.open(tmp_path / "in.jpg") as before, PILImage.open(tmp_path / "out.jpg") as after:
        assert after.quantization == before.quantization
        assert after.mode == mode
    again = read_image(tmp_path / "out.jpg").pixels
    assert np.abs(again.astype(int) - image.pixels).mean() < 1


@pytest.mark.parametrize("ending", ["jpg", "webp", "avif"])
def test_a_quality_that_is_given_counts(tmp_path, photo, ending):
    image = read_image(source(tmp_path, photo, qtables=TABLES))
    sizes = []
    for quality in (20, 90):
        write_image(image, tmp_path / f"out.{ending}", quality=quality, strip=True)
        sizes.append((tmp_path / f"out.{ending}").stat().st_size)
    assert sizes[0] < sizes[1]
    with PILImage.open(tmp_path / f"out.{ending}") as after:
        assert ending != "jpg" or after.quantization != dict(enumerate(TABLES))


def test_a_worst_case_progressive_jpeg_can_be_written(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    coding = {"qtables": [[1] * 64] * 2, "subsampling": 0, "progressive": True}
    write_image(Image(noise, "RGB", {"jpeg": coding}), tmp_path / "a.jpg")
    assert np.abs(read_image(tmp_path / "a.jpg").pixels.astype(int) - noise).max() <= 4


@pytest.mark.parametrize("alpha", [False, True])
def test_a_lossless_webp_stays_lossless_unless_a_quality_is_given(tmp_path, photo, alpha):
    pixels = np.dstack([photo, photo[..., :1]]) if alpha else photo
    PILImage.fromarray(pixels).save(tmp_path / "in.webp", lossless=True, exact=True, icc_profile=PROFILE)
    image = read_image(tmp_path / "in.webp")
    write_image(image, tmp_path / "out.webp")
    np.testing.assert_array_equal(read_image(tmp_path / "out.webp").pixels, pixels)
    write_image(image, tmp_path / "lossy.webp", quality=80)
    assert not np.array_equal(read_image(tmp_path / "lossy.webp").pixels, pixels)


@pytest.mark.parametrize("compression", [None, "lzw", "zlib"])
def test_a_tiff_keeps_its_compression(tmp_path, photo, compression):
    tifffile.imwrite(tmp_path / "in.tif", photo, photometric="rgb", compression=compression)
    write_image(read_image(tmp_path / "in.tif"), tmp_path / "out.tif")
    with tifffile.TiffFile(tmp_path / "in.tif") as before, tifffile.TiffFile(tmp_path / "out.tif") as after:
        assert after.pages[0].compression == before.pages[0].compression


@pytest.mark.parametrize(("mode", "becomes"), [("LA", "L"), ("RGBA", "RGB")])
@pytest.mark.parametrize("ending", ["jpg", "bmp"])
def test_alpha_that_hides_nothing_is_dropped_where_there_is_no_place_for_it(tmp_path, mode, becomes, ending):
    pixels = np.full((8, 8, len(mode)), 255, np.uint8)
    write_image(Image(pixels, mode), tmp_path / f"a.{ending}")
    assert read_image(tmp_path / f"a.{ending}").mode == becomes
    pixels[3, 3, -1] = 254
    with pytest.raises(ImageError, match=r"has transparency, which .* does not support"):
        write_image(Image(pixels, mode), tmp_path / f"b.{ending}")


@pytest.mark.parametrize(
    ("mode", "name", "message"),
    [
        ("RGB", "a.psd", "use --format"),
        ("RGB", "a", "no extension"),
        *(("CMYK", f"a.{ending}", "CMYK") for ending in ("png", "webp", "bmp", "avif")),
    ],
)
def test_what_a_format_cannot_hold_is_refused_and_leaves_nothing(tmp_path, mode, name, message):
    with pytest.raises(ImageError, match=message):
        write_image(Image(np.zeros((4, 4, len(mode)), np.uint8), mode), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["png", "tif", "jpg", "webp", "avif", "bmp"])
def test_a_full_disk_is_reported_in_a_line_and_the_earlier_file_stays(tmp_path, photo, monkeypatch, ending):
    target = tmp_path / f"a.{ending}"
    target.write_bytes(b"earlier")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ImageError, match=r"cannot be written.*\(No space left on device\)"):
        write_image(Image(photo, "RGB"), target)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"earlier"]


FULL = """
import resource, sys
from pathlib import Path
import subprocess
import sys

import numpy as np
from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.image.write import write_image
noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for name in sys.argv[2:]:
    try:
        write_image(Image(noise, "RGB", {"jpeg": {"progressive": "p" in name[0]}}), Path(sys.argv[1], name))
    except ImageError as error:
        print(error)
"""


def test_a_file_that_finds_no_room_never_appears_cut_short(tmp_path):
    pytest.importorskip("resource")
    names = ["a.png", "a.tif", "a.jpg", "p.jpg", "a.webp", "a.avif", "a.bmp"]
    run = subprocess.run([sys.executable, "-c", FULL, tmp_path, *names], capture_output=True, text=True, check=True)
    assert run.stdout.count("(File too large)\n") == len(run.stdout.splitlines()) == len(names)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["png", "tif", "jpg", "webp", "avif", "bmp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pixels_can_lie_in_a_file_while_they_are_written(tmp_path, photo, ending, mode):
    with scratch_space(0, tmp_path) as scratch:
        pixels = scratch.empty((299, 449, len(mode)), np.uint8)
        pixels[:] = photo[..., : len(mode)]
        write_image(Image(pixels, mode), tmp_path / f"a.{ending}", scratch=scratch)
    write_image(Image(photo[..., : len(mode)], mode), tmp_path / f"b.{ending}")
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
