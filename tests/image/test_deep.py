from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.codecs.base import as_stored
from sharpcli.image.image import Image
from sharpcli.image.read import opened, read_image
from sharpcli.image.scratch import scratch_space
from sharpcli.image.write import write_image
from tests.helpers.files import png_of

MODES = ["L", "LA", "RGB", "RGBA"]
PHOTOMETRIC = {"L": "minisblack", "LA": "minisblack", "RGB": "rgb", "RGBA": "rgb", "CMYK": "separated"}
COLOR = {"L": 0, "LA": 4, "RGB": 2, "RGBA": 6}


def noise(mode, dtype=np.uint16, height=45, width=31):
    peak = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, peak + 1, (height, width, len(mode)), dtype)


def tiff(path, pixels, mode, **options):
    """Write H x W x C as a TIFF, planes apart if told so."""
    if options.get("planarconfig") == "separate":
        pixels = pixels.transpose(2, 0, 1)
    elif pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    else:
        options["planarconfig"] = "contig"
    extra = ["unassalpha"] if mode[-1] == "A" else None
    tifffile.imwrite(path, pixels, photometric=PHOTOMETRIC[mode], **{"extrasamples": extra, **options})
    return path


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    ("mode", "ending"), [*((mode, "png") for mode in MODES), *((m, "tif") for m in [*MODES, "CMYK"])]
)
def test_every_value_survives_writing_and_reading(tmp_path, mode, ending, dtype):
    pixels = noise(mode, dtype)
    write_image(Image(pixels, mode), tmp_path / f"a.{ending}")
    with opened(tmp_path / f"a.{ending}") as source:
        assert (source.header.mode, source.header.depth) == (mode, 8 * pixels.itemsize)
        again = source.read()
    assert again.pixels.dtype == dtype
    np.testing.assert_array_equal(again.pixels, pixels)
    if dtype == np.uint8:
        with PILImage.open(tmp_path / f"a.{ending}") as image:
            np.testing.assert_array_equal(np.array(image).reshape(pixels.shape), pixels)


@given(st.sampled_from(["png", "tif"]), st.sampled_from(MODES), st.integers(1, 3), st.integers(1, 3), st.integers(1, 8))
def test_the_smallest_images_and_slices_of_larger_ones_survive(ending, mode, height, width, orientation):
    pixels = as_stored(noise(mode), orientation)[3 : 3 + height, ::-2][:, :width]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"a.{ending}")
        write_image(Image(pixels, mode), path)
        np.testing.assert_array_equal(read_image(path).pixels, pixels)
        if ending == "tif":
            tiff(path, np.ascontiguousarray(pixels), mode, extratags=[(274, 3, 1, orientation, True)])
            np.testing.assert_array_equal(as_stored(read_image(path).pixels, orientation), pixels)


@pytest.mark.parametrize("mode", MODES)
def test_a_png_of_16_bits_is_read_exactly(tmp_path, mode):
    pixels = noise(mode)
    rows = [row.astype(">u2").tobytes() for row in pixels]
    (tmp_path / "in.png").write_bytes(png_of(31, 45, 16, COLOR[mode], rows))
    np.testing.assert_array_equal(read_image(tmp_path / "in.png").pixels, pixels)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_transparent_color_of_16_bits_becomes_alpha(tmp_path, mode):
    pixels = noise(mode)
    rows = [row.astype(">u2").tobytes() for row in pixels]
    (tmp_path / "in.png").write_bytes(
        png_of(31, 45, 16, COLOR[mode], rows, before=[(b"tRNS", pixels[3, 5].astype(">u2").tobytes())])
    )
    image = read_image(tmp_path / "in.png")
    assert image.mode == mode + "A"
    np.testing.assert_array_equal(image.pixels[..., :-1], pixels)
    transparent = (pixels == pixels[3, 5]).all(-1)
    np.testing.assert_array_equal(image.pixels[..., -1], np.where(transparent, 0, 65535))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("mode", [*MODES, "CMYK"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rowsperstrip": 7},
        {"tile": (16, 32)},
        {"compression": "zlib", "rowsperstrip": 7},
        {"compression": "zlib", "predictor": True},
        {"compression": "lzw", "predictor": True, "tile": (16, 16)},
        {"compression": "packbits"},
        {"planarconfig": "separate"},
        {"planarconfig": "separate", "compression": "lzw", "predictor": True, "tile": (32, 16)},
    ],
    ids=str,
)
def test_a_tiff_of_any_layout_is_read_exactly(tmp_path, options, order, mode, dtype):
    pixels = noise(mode, dtype)
    if options.get("planarconfig") and len(mode) == 1:
        pytest.skip("one channel has no planes")
    path = tiff(tmp_path / "in.tif", pixels, mode, byteorder=order, **options)
    np.testing.assert_array_equal(read_image(path).pixels, pixels)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_bigtiff_is_read_with_its_tags(tmp_path, order):
    pixels = noise("RGB")
    tags = [(0x0110, 2, 0, "Box Brownie", True)]
    image = read_image(tiff(tmp_path / "in.tif", pixels, "RGB", bigtiff=True, byteorder=order, extratags=tags))
    np.testing.assert_array_equal(image.pixels, pixels)
    assert b"Box Brownie" in image.metadata["exif"]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_where_zero_is_white_is_not_inverted(tmp_path, dtype):
    pixels = noise("L", dtype)
    tifffile.imwrite(tmp_path / "in.tif", ~pixels[..., 0], photometric="miniswhite")
    np.testing.assert_array_equal(read_image(tmp_path / "in.tif").pixels, pixels)


def test_premultiplied_alpha_is_divided_out(tmp_path):
    pixels = noise("RGBA")
    pixels[..., 3] = np.maximum(pixels[..., 3], 1 << 15)
    colors = pixels[..., :3].astype(float) * pixels[..., 3:] / 65535
    path = tmp_path / "in.tif"
    tiff(path, np.dstack([np.rint(colors).astype(np.uint16), pixels[..., 3]]), "RGBA", extrasamples=["assocalpha"])
    assert np.abs(read_image(path).pixels.astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("limit", [0, 1 << 30], ids=["in a file", "in memory"])
def test_orientation_turns_16_bit_images_like_8_bit_ones(tmp_path, ending, orientation, limit):
    pixels = noise("RGB")
    exif = PILImage.Exif()
    exif[274] = orientation
    if ending == "png":
        rows = [row.astype(">u2").tobytes() for row in pixels]
        chunks = [(b"eXIf", exif.tobytes()[6:])]
        (tmp_path / "deep.png").write_bytes(png_of(31, 45, 16, 2, rows, before=chunks))
    else:
        tiff(tmp_path / "deep.tif", pixels, "RGB", extratags=[(274, 3, 1, orientation, True)])
    PILImage.fromarray((pixels >> 8).astype(np.uint8)).save(tmp_path / "shallow.png", exif=exif)
    with scratch_space(limit, tmp_path) as scratch, opened(tmp_path / f"deep.{ending}") as source:
        image = source.read(scratch)
        np.testing.assert_array_equal(image.pixels >> 8, read_image(tmp_path / "shallow.png").pixels)
        write_image(image, tmp_path / f"out.{ending}", scratch=scratch)
        np.testing.assert_array_equal(read_image(tmp_path / f"out.{ending}").pixels, image.pixels)


@pytest.mark.parametrize(
    "options",
    [{}, {"compression": "zlib"}, {"compression": "lzw", "predictor": True}, {"compression": "packbits"}],
    ids=str,
)
def test_no_cut_of_a_deep_tiff_is_read(tmp_path, options):
    path = tiff(tmp_path / "in.tif", noise("RGB"), "RGB", rowsperstrip=16, **options)
    whole = path.read_bytes()
    with tifffile.TiffFile(path) as file:
        assert sum(file.pages[0].databytecounts) + file.pages[0].dataoffsets[0] == len(whole)
    for size in [*range(0, len(whole), 997), len(whole) - 2, len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(ImageError):
            read_image(path)


def test_no_cut_of_a_deep_png_is_read(tmp_path):
    write_image(Image(noise("RGB"), "RGB"), tmp_path / "in.png")
    whole = (tmp_path / "in.png").read_bytes()
    for size in [*range(0, len(whole), 997), *range(len(whole) - 30, len(whole) - 12)]:
        (tmp_path / "in.png").write_bytes(whole[:size])
        with pytest.raises(ImageError):
            read_image(tmp_path / "in.png")


@pytest.mark.parametrize("ending", ["jpg", "webp", "bmp", "avif"])
def test_16_bits_are_not_rounded_for_a_format_of_8(tmp_path, ending):
    with pytest.raises(ImageError, match="png or tiff"):
        write_image(Image(noise("RGB"), "RGB"), tmp_path / f"a.{ending}")
    assert list(tmp_path.iterdir()) == []
