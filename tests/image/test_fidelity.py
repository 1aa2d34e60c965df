"""Whatever a library can write, comes back whole: pixels, mode, depth, size, profile, tags, print size."""

import contextlib
import io
import struct
import tempfile
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, ImageOps, PngImagePlugin
from PIL import Image as PILImage

from sharpcli.image.codecs.png.chunks import keyword, text
from sharpcli.image.read import opened, read_image
from sharpcli.image.write import write_image
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from tests.fuzz.seeds import XMP, icc
from tests.helpers.by_hand import COLORS, png

BECOMES = {"1": "L", "P": "RGB", "PA": "RGBA"}
MODES = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA"),
    "jpg": ("L", "RGB", "CMYK"),
    "webp": ("RGB", "RGBA"),
    "tif": ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK"),
    "bmp": ("1", "L", "P", "RGB"),
    "avif": ("RGB", "RGBA"),
}
PROFILED = ("png", "jpg", "webp", "tif", "avif")
LOSSLESS = ("png", "tif", "bmp")
INNER = {"Make": 0x010F, "Model": 0x0110, "Artist": 0x013B, "Copyright": 0x8298}
CAMERA = {ExifTags.Base.ExposureTime: 0.01, ExifTags.Base.ISOSpeedRatings: 400, ExifTags.Base.LensModel: "50mm"}
REAL = icc()

words = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).map(
    lambda s: s.strip() or "x"
)
sides = st.one_of(st.integers(1, 40), st.sampled_from([1, 2, 7, 8, 9, 16, 17, 31, 64]))


@st.composite
def noise(draw, channels, dtype=np.uint8):
    """H x W x C: smooth, flat or noisy."""
    height, width = draw(sides), draw(sides)
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    spread = draw(st.sampled_from([0.0, 0.1, 1.0]))
    values = np.linspace(0, 1 - spread, height * width).reshape(height, width, 1)
    return ((values + rng.random((height, width, channels)) * spread) * np.iinfo(dtype).max).astype(dtype)


@st.composite
def images(draw, mode):
    channels = {"1": 1, "P": 3, "PA": 4}.get(mode, len(mode))
    pixels = draw(noise(channels))
    if mode == "1":
        return PILImage.fromarray(pixels[..., 0]).convert("1")
    if mode in ("P", "PA"):
        image = PILImage.fromarray(pixels[..., :3]).convert("P", palette=PILImage.Palette.ADAPTIVE)
        if mode == "PA":
            image = image.convert("PA")
            image.putalpha(PILImage.fromarray(pixels[..., 3]))
        return image
    return PILImage.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


@st.composite
def exifs(draw):
    tags = PILImage.Exif()
    for name in draw(st.sets(st.sampled_from(sorted(INNER)))):
        tags[INNER[name]] = draw(words)
    if orientation := draw(st.integers(0, 8)):
        tags[ExifTags.Base.Orientation] = orientation
    if draw(st.booleans()):
        tags.get_ifd(ExifTags.IFD.Exif).update(CAMERA)
        tags.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = draw(st.binary(max_size=60)) + b"!note"
    if draw(st.booleans()):
        tags.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (draw(st.integers(0, 89)) * 1.0, 30.0, 15.5), 5: b"\0"})
    return tags


@st.composite
def jpeg_options(draw, mode):
    given = {"quality": draw(st.integers(1, 100)), "progressive": draw(st.booleans()), "optimize": draw(st.booleans())}
    if mode == "RGB":
        given["subsampling"] = draw(st.sampled_from([0, 1, 2]))
    return given


@st.composite
def png_options(draw, mode, texts):
    given = {"compress_level": draw(st.integers(0, 9))}
    if texts:
        given["pnginfo"] = info = PngImagePlugin.PngInfo()
        for key, value in texts.items():
            info.add_text(key, value, zip=draw(st.booleans()))
    clear = {"P": st.sampled_from([0, bytes([0, 128, 255, 3])]), "L": st.just(5), "RGB": st.just((1, 2, 3))}
    if mode in clear and draw(st.booleans()):
        given["transparency"] = draw(clear[mode])
    return given


@st.composite
def options(draw, ending, mode):
    """What Pillow's save takes for that ending, and all that has to come back."""
    given, kept = {}, {}
    if ending in PROFILED:
        if draw(st.booleans()):
            kept["icc_profile"] = draw(st.one_of(st.just(REAL), st.binary(min_size=1, max_size=300)))
        if draw(st.booleans()):
            kept["exif"] = draw(exifs()).tobytes()  # of the object itself Pillow leaves inner directories out of a TIFF
    if ending in ("jpg", "webp", "avif") and draw(st.booleans()):
        kept["xmp"] = XMP.replace(b' tiff:Orientation="6"', b"")
    if ending in ("png", "jpg", "tif", "bmp") and draw(st.booleans()):
        kept["dpi"] = draw(st.sampled_from([(72, 72), (300, 300), (600, 1200), (96, 97)]))
    if ending == "jpg":
        given = draw(jpeg_options(mode))
        if draw(st.booleans()):
            kept["comment"] = draw(words).encode()
    if ending == "png":
        if draw(st.booleans()):
            kept["text"] = draw(st.dictionaries(words, words, min_size=1, max_size=3))
        given = draw(png_options(mode, kept.get("text", {})))
    if ending == "tif":
        names = {"1": [None, "group3", "group4", "tiff_ccitt", "packbits"], "P": [None, "tiff_lzw", "packbits"]}
        usual = [None, "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd", "lzma"]
        # Through libtiff, Pillow itself fails on Exif's inner directories.
        given["compression"] = None if "exif" in kept else draw(st.sampled_from(names.get(mode, usual)))
    if ending in ("webp", "avif"):
        given["quality"] = draw(st.sampled_from([1, 50, 100]))
        if ending == "webp":
            given["lossless"] = draw(st.booleans())
    return given, kept


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@st.composite
def files(draw):
    """A file's ending and bytes, the image as Pillow sees it, and what was said with it."""
    ending = draw(st.sampled_from(sorted(MODES)))
    mode = draw(st.sampled_from(MODES[ending]))
    image = draw(images(mode))
    given, kept = draw(options(ending, mode))
    file = io.BytesIO()
    message = {**given, **{key: value for key, value in kept.items() if key != "text"}}
    image.save(file, {"jpg": "JPEG", "tif": "TIFF"}.get(ending, ending.upper()), **message)
    with PILImage.open(file) as seen:
        seen.load()
        upright = ImageOps.exif_transpose(seen)
    if "dpi" in kept and orientation_of(kept.get("exif", b"")) > 4:
        kept["dpi"] = kept["dpi"][::-1]
    clear = "transparency" in given
    # A palette of nothing but greys in their order is no palette to a BMP.
    held = seen.mode if ending == "bmp" else mode
    becomes = BECOMES.get(held, held)
    becomes = {"L": "LA", "RGB": "RGBA"}[becomes] if clear else becomes
    return ending, file.getvalue(), upright.convert(becomes), kept


def orientation_of(exif):
    tags = PILImage.Exif()
    tags.load(exif)
    return tags.get(ExifTags.Base.Orientation, 1)


def directories(exif):
    """The tags that must come back, as comparable values, by directory."""
    if not isinstance(exif, PILImage.Exif):
        tags = PILImage.Exif()
        tags.load(exif)
        exif = tags
    layout = {*range(254, 285), 282, 283, 292, 293, 296, 317, 320, 338, 339, 700, 34665, 34675, 34853} - {271, 272}
    found = {"": {tag: value for tag, value in exif.items() if tag not in layout}}
    for ifd in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
        found[ifd.name] = dict(exif.get_ifd(ifd))
    return {name: {tag: comparable(value) for tag, value in ifd.items()} for name, ifd in found.items()}


def comparable(value):
    if isinstance(value, tuple):
        return tuple(comparable(one) for one in value)
    return value if isinstance(value, str | bytes) else float(value)


def assert_kept(image, ending, kept):
    assert image.metadata.get("icc_profile") == kept.get("icc_profile")
    if "exif" in kept:
        wanted, found = directories(kept["exif"]), directories(image.metadata.get("exif", b""))
        if ending == "tif":
            found[""] = {tag: value for tag, value in found[""].items() if tag in wanted[""]}
        assert found == wanted
    if "xmp" in kept:
        assert image.metadata["xmp"] == kept["xmp"]
    if "comment" in kept:
        assert image.metadata["comments"] == (kept["comment"],)
    if "dpi" in kept:
        np.testing.assert_allclose(image.metadata["dpi"], kept["dpi"], rtol=0.01)
    if "text" in kept:
        texts = {keyword(body): text(name, body) for name, body in image.metadata["text"]}
        assert {key: texts.get(key) for key in kept["text"]} == {
            key: value.encode() for key, value in kept["text"].items()
        }


def assert_same(one, two, exact):
    assert (two.mode, two.pixels.dtype, two.pixels.shape) == (one.mode, one.pixels.dtype, one.pixels.shape)
    new = {"compression"} - one.metadata.keys()  # a TIFF that came squeezed in a way of its own
    assert two.metadata.keys() - new == one.metadata.keys()
    for key in {"icc_profile", "xmp", "comments", "text", "chunks", "lossless", "compression", "jpeg"} - new:
        assert two.metadata.get(key) == one.metadata.get(key), key
    assert directories(two.metadata.get("exif", b"")) == directories(one.metadata.get("exif", b""))
    if "dpi" in one.metadata:
        np.testing.assert_allclose(two.metadata["dpi"], one.metadata["dpi"], rtol=0.01)
    if exact:
        np.testing.assert_array_equal(two.pixels, one.pixels)


def again(image, place, ending):
    write_image(image, place / f"again.{ending}")
    assert [path.name for path in place.glob("*again*")] == [f"again.{ending}"]
    return read_image(place / f"again.{ending}")


@pytest.mark.slow
@settings(max_examples=150)
@given(files())
def test_what_pillow_writes_comes_back_whole(file):
    ending, data, pil_image, kept = file
    with folder() as place:
        path = place / f"in.{ending}"
        path.write_bytes(data)
        with opened(path) as source:
            header, image = source.header, source.read()
        assert (header.width, header.height, header.mode, header.depth) == (*pil_image.size, pil_image.mode, 8)
        assert image.mode == pil_image.mode
        seen = np.array(pil_image)
        np.testing.assert_array_equal(image.pixels, seen if seen.ndim == 3 else seen[..., None])
        assert_kept(image, ending, kept)
        enhanced = sharpen(image, create_enhancer("bicubic", {}))
        back = again(enhanced, place, ending)
        assert_same(image, back, ending in LOSSLESS or image.metadata.get("lossless", False))
        assert_same(back, again(back, place, ending), ending in LOSSLESS or back.metadata.get("lossless", False))
        assert_kept(back, ending, kept)


@pytest.mark.parametrize("key", ["dpi", "exif", "icc_profile", "transparency", "interlace", "gamma", "xmp", "comment"])
def test_a_text_named_like_something_else_in_a_png_is_a_text(tmp_path, key):
    info = PngImagePlugin.PngInfo()
    info.add_text(key, "words")
    PILImage.new("RGB", (3, 2), "red").save(tmp_path / "in.png", pnginfo=info, dpi=(300, 300), icc_profile=REAL)
    image = read_image(tmp_path / "in.png")
    assert image.pixels[0, 0].tolist() == [255, 0, 0]
    assert image.metadata["icc_profile"] == REAL
    np.testing.assert_allclose(image.metadata["dpi"], (300, 300), rtol=0.01)
    assert image.metadata["text"] == ((b"tEXt", key.encode() + b"\0words"),)
    assert_same(image, again(image, tmp_path, "png"), exact=True)


@pytest.mark.parametrize("xmp", [XMP, XMP.replace(b'"6"', b'"6'), b"<tiff:Orientation>6</tiff:Orientation>"])
def test_an_image_turned_by_its_xmp_is_turned_once(tmp_path, xmp):
    PILImage.new("RGB", (3, 2)).save(tmp_path / "in.jpg", xmp=xmp)
    image = read_image(tmp_path / "in.jpg")
    assert image.pixels.shape[:2] == (3, 2)
    assert again(image, tmp_path, "jpg").pixels.shape[:2] == (3, 2)


@settings(max_examples=60)
@given(st.data(), st.sampled_from([1, 2, 3, 4]), st.booleans(), st.integers(1, 8))
def test_sixteen_bits_of_a_png_stay_exact(data, channels, interlaced, orientation):
    pixels = data.draw(noise(channels, np.uint16))
    exif = PILImage.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    color = {count: kind for kind, count in COLORS.items() if kind != 3}[channels]
    chunks = [(b"eXIf", exif.tobytes()[6:]), (b"pHYs", struct.pack(">IIB", 11811, 11811, 1))]
    filters = data.draw(st.lists(st.integers(0, 4), min_size=1))
    raw = png(
        pixels, 16, color, interlaced=interlaced, filters=filters, pieces=data.draw(st.integers(1, 4)), before=chunks
    )
    with folder() as place:
        (place / "in.png").write_bytes(raw)
        image = read_image(place / "in.png")
        np.testing.assert_array_equal(image.pixels, turned(pixels, orientation))
        np.testing.assert_allclose(image.metadata["dpi"], (300, 300), rtol=0.001)
        back = again(image, place, "png")
        assert_same(image, back, exact=True)
        np.testing.assert_array_equal(
            imagecodecs.png_decode((place / "again.png").read_bytes()).reshape(back.pixels.shape), back.pixels
        )


def turned(pixels, orientation):
    """Upright, by Pillow's own rule, one index at a time."""
    height, width = pixels.shape[:2]
    places = PILImage.fromarray(np.arange(height * width, dtype=np.int32).reshape(height, width))
    turns = (None, 0, 3, 1, 5, 4, 6, 2)
    turn = turns[orientation - 1]
    order = np.array(places if turn is None else places.transpose(PILImage.Transpose(turn)))
    return pixels.reshape(height * width, -1)[order]


@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.data(),
    st.sampled_from([1, 2, 3, 4]),
    st.sampled_from([np.uint8, np.uint16]),
    st.sampled_from([None, "lzw", "zlib", "packbits"]),
    st.sampled_from("<>"),
    st.booleans(),
    st.sampled_from([{}, {"tile": (16, 16)}, {"rowsperstrip": 3}, {"planarconfig": "separate"}, {"bigtiff": True}]),
    st.integers(1, 8),
)
def test_tiffs_of_either_depth_stay_exact(data, channels, dtype, compression, order, predictor, layout, orientation):
    if layout.get("bigtiff"):
        order = "<"
    pixels = data.draw(noise(channels, dtype))
    apart = "planarconfig" in layout and channels > 1
    stored = np.ascontiguousarray(pixels.transpose(2, 0, 1)) if apart else pixels
    if not apart:
        layout = {key: value for key, value in layout.items() if key != "planarconfig"}
    with folder() as place:
        tifffile.imwrite(
            place / "in.tif",
            stored if channels > 1 else stored[..., 0],
            photometric="rgb" if channels > 2 else "minisblack",
            extrasamples=["unassalpha"] if channels % 2 == 0 else None,
            compression=compression,
            predictor=predictor and compression in ("lzw", "zlib"),
            byteorder=order,
            resolution=(300, 300),
            resolutionunit="INCH",
            iccprofile=REAL,
            metadata=None,
            extratags=[(274, 3, 1, orientation, True), (272, 2, 0, "Box Brownie", True)],
            **layout,
        )
        image = read_image(place / "in.tif")
        np.testing.assert_array_equal(image.pixels, turned(pixels, orientation))
        assert image.pixels.dtype == dtype
        assert image.metadata["icc_profile"] == REAL
        np.testing.assert_allclose(image.metadata["dpi"], (300, 300))
        assert directories(image.metadata["exif"])[""][272] == "Box Brownie"
        assert image.metadata["compression"] == compression
        back = again(image, place, "tif")
        assert_same(image, back, exact=True)
        np.testing.assert_array_equal(tifffile.imread(place / "again.tif").reshape(back.pixels.shape), back.pixels)


TRANSPARENT = {0: b"\0\1", 2: b"\0\1\0\1\0\1", 3: bytes([0, 100, 200])}
KINDS = [(depth, 0) for depth in (1, 2, 4, 8, 16)] + [(depth, 3) for depth in (1, 2, 4, 8)]
KINDS += [(depth, color) for depth in (8, 16) for color in (2, 4, 6)]


@pytest.mark.parametrize("interlaced", [False, True], ids=["rows", "interlaced"])
@pytest.mark.parametrize("clear", [False, True], ids=["opaque", "clear"])
@pytest.mark.parametrize(("depth", "color"), KINDS)
@settings(max_examples=6)
@given(
    width=sides, height=sides, pieces=st.integers(1, 5), filters=st.lists(st.integers(0, 4), min_size=1), data=st.data()
)
def test_every_kind_of_png_is_read_as_the_standard_says(
    depth, color, clear, interlaced, width, height, pieces, filters, data
):
    """Depths 1 to 16, every colour type, tRNS, Adam7, all filters, pixels in pieces: against plain arithmetic."""
    peak = 2**depth - 1
    samples = np.random.default_rng(width * height).integers(0, peak + 1, (height, width, COLORS[color]))
    palette = np.random.default_rng(7).integers(0, 256, (2 ** min(depth, 8), 3))
    before = [(b"gAMA", struct.pack(">I", 45455))]
    before += [(b"PLTE", palette.astype(np.uint8).tobytes())] if color == 3 else []
    if clear and color in TRANSPARENT:
        before.append((b"tRNS", TRANSPARENT[color][: 2**depth]))
    before += [(b"bKGD", {0: b"\0\1", 4: b"\0\1", 3: b"\1"}.get(color, bytes(6)))]
    raw = png(samples, depth, color, interlaced=interlaced, filters=filters, pieces=pieces, before=before)
    if color == 3:
        expected = palette[samples[..., 0]]
        alpha = np.array([*TRANSPARENT[3], *[255] * 256])[samples]
    else:
        expected = samples * 255 // peak if depth < 8 else samples
        alpha = np.where((samples == 1).all(axis=2, keepdims=True), 0, max(255, peak))
    if clear and color in TRANSPARENT:
        expected = np.concatenate([expected, alpha], axis=2)
    with folder() as place:
        (place / "in.png").write_bytes(raw)
        image = read_image(place / "in.png")
        np.testing.assert_array_equal(image.pixels, expected)
        assert image.pixels.dtype == (np.uint16 if depth == 16 else np.uint8)
        assert_same(image, again(image, place, "png"), exact=True)
