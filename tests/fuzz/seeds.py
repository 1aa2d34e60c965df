"""Small sound files of every kind that is read, and some of kinds that must be refused: what mutations start from."""

import io
import re
import struct
import zlib

import imagecodecs
import numpy as np
import tifffile
from PIL import Image as PILImage
from PIL import ImageCms, PngImagePlugin

from tests.helpers.by_hand import COLORS, png

WIDTH, HEIGHT = 23, 17
PALETTE = bytes(range(256)) * 3
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF tiff:Orientation="6" xmlns:tiff="t"/></x:xmpmeta>'


def samples(channels, peak=255):
    """Smooth colours with some noise: H x W x C integers from 0 to `peak`."""
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    smooth = [across / WIDTH, down / HEIGHT, (across + down) / (WIDTH + HEIGHT), 1 - across / WIDTH][:channels]
    noise = np.random.default_rng(channels).random((HEIGHT, WIDTH, channels)) * 0.2
    return ((np.stack(smooth, axis=2) * 0.8 + noise) * peak).astype(int)


def icc():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + bytes(12) + profile[36:]  # without the time it was made at: the same files on every day


def exif(orientation=6):
    tags = PILImage.Exif()
    tags[0x0112], tags[0x0110], tags[0x011A], tags[0x0128] = orientation, "Box Brownie", 300.0, 2
    tags.get_ifd(0x8769)[0x829A] = 0.01
    tags.get_ifd(0x8769)[0x927C] = b"maker's notes" * 3
    tags.get_ifd(0x8769)[0xA002] = WIDTH
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 30.0, 15.5)})
    return tags.tobytes()


def circular_exif():
    """A directory whose Exif pointer leads to itself, as does its successor."""
    entries = struct.pack("<HHII", 0x0112, 3, 1, 6) + struct.pack("<HHII", 0x8769, 4, 1, 8)
    entries += struct.pack("<HHII", 0x8825, 4, 1, 8)
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 3) + entries + struct.pack("<I", 8)


def image(mode):
    colors = PILImage.fromarray(samples(3).astype(np.uint8))
    if mode == "PA":
        whole = colors.convert("P").convert("PA")
        whole.putalpha(colors.convert("L"))
        return whole
    whole = colors.convert(mode.removesuffix("A") if mode in ("LA", "RGBA") else mode)
    if mode in ("LA", "RGBA"):
        whole.putalpha(colors.getchannel(0))
    return whole


def saved(format, mode, **options):
    file = io.BytesIO()
    image(mode).save(file, format, **options)
    return file.getvalue()


def tiff(channels, dtype=np.uint8, **options):
    pixels = samples(channels, 1 if dtype == np.float32 else np.iinfo(dtype).max).astype(dtype)
    photometric = {3: "rgb", 4: "rgb"}.get(channels, "minisblack")
    extra = {2: ["unassalpha"], 4: ["unassalpha"]}.get(channels)
    if options.get("planarconfig") == "separate":
        pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    file = io.BytesIO()
    settings = {"photometric": photometric, "extrasamples": extra, "metadata": None, **options}
    tifffile.imwrite(file, pixels[..., 0] if channels == 1 else pixels, **settings)
    return file.getvalue()


def _png(depth, color, **options):
    colors = {3: 2**depth - 1}.get(color, 2**depth - 1)
    return png(samples(COLORS[color], colors), depth, color, **options)


def _several(format, *, preview=False):
    file = io.BytesIO()
    frames = [image("RGB"), image("RGB").transpose(PILImage.Transpose.ROTATE_180)]
    if preview:
        frames[1] = frames[1].reduce(2)
    frames[0].save(file, format, save_all=True, append_images=frames[1:], duration=100)
    data = bytearray(file.getvalue())
    for box in re.finditer(rb"(?:mvhd|tkhd|mdhd)\x01", data if format == "AVIF" else b""):
        data[box.end() + 3 : box.end() + 19] = bytes(16)  # when it was written, which is another time each time
    return bytes(data)


def _text():
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "A box")
    info.add_text("Comment", "squeezed " * 20, zip=True)
    info.add_itxt("Author", "Ça et là", "fr", "Auteur", zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


def seeds():
    """Name (with the right ending) and bytes of each."""
    trns = {0: b"\0\3", 2: b"\0\3\0\5\0\7", 3: bytes([0, 128, 255])}
    palette = (b"PLTE", PALETTE)
    jpeg = imagecodecs.jpeg_encode(samples(3).astype(np.uint8), optimize=True)
    files = {
        "plain.png": _png(8, 2, filters=range(5), pieces=3),
        "grey1.png": _png(1, 0, interlaced=True),
        "grey2.png": _png(2, 0, before=[(b"tRNS", b"\0\1")]),
        "grey4.png": _png(4, 0, before=[(b"gAMA", struct.pack(">I", 45455)), (b"bKGD", b"\0\1")]),
        "grey16.png": _png(16, 0, before=[(b"tRNS", trns[0])], filters=range(5)),
        "greya16.png": _png(16, 4, interlaced=True),
        "rgb16.png": _png(16, 2, interlaced=True, filters=range(5), before=[(b"tRNS", trns[2])]),
        "rgba16.png": _png(
            16, 6, before=[(b"pHYs", struct.pack(">IIB", 3779, 3779, 1))], after=[(b"eXIf", exif()[6:])]
        ),
        "palette1.png": _png(1, 3, before=[(b"PLTE", PALETTE[:6])]),
        "palette4.png": _png(4, 3, interlaced=True, before=[(b"PLTE", PALETTE[:48]), (b"tRNS", trns[3])]),
        "palette8.png": _png(8, 3, before=[palette, (b"tRNS", trns[3])], filters=range(5)),
        "texts.png": saved("PNG", "RGBA", pnginfo=_text(), icc_profile=icc(), exif=exif(), dpi=(300, 300)),
        "circular.png": _png(8, 6, before=[(b"eXIf", circular_exif()[6:])]),
        "animated.png": _several("PNG"),
        "plain.jpg": saved("JPEG", "RGB", icc_profile=icc(), exif=exif(), dpi=(300, 300), quality=80, xmp=XMP),
        "progressive.jpg": saved("JPEG", "RGB", progressive=True, subsampling=0, comment="A box"),
        "grey.jpg": saved("JPEG", "L", optimize=True),
        "ink.jpg": saved("JPEG", "CMYK", subsampling=1),
        "circular.jpg": saved("JPEG", "RGB", exif=circular_exif()),
        "restarts.jpg": saved("JPEG", "RGB", restart_marker_blocks=1),
        "preview.mpo": _several("MPO", preview=True),
        "lossy.webp": saved("WEBP", "RGB", icc_profile=icc(), exif=exif(), xmp=XMP),
        "lossless.webp": saved("WEBP", "RGBA", lossless=True, exif=circular_exif()),
        "alpha.webp": saved("WEBP", "RGBA"),
        "animated.webp": _several("WEBP"),
        "plain.tif": tiff(3, iccprofile=icc(), resolution=(300, 300), rowsperstrip=5),
        "lzw.tif": tiff(4, compression="lzw", predictor=True, rowsperstrip=5),
        "zip16.tif": tiff(3, np.uint16, compression="zlib", predictor=True, byteorder=">"),
        "packbits.tif": tiff(2, compression="packbits"),
        "tiles.tif": tiff(3, tile=(16, 16), compression="zlib"),
        "planes.tif": tiff(3, planarconfig="separate", photometric="rgb"),
        "grey16.tif": tiff(1, np.uint16, bigtiff=True, rowsperstrip=5),
        "zstd.tif": saved("TIFF", "LA", compression="zstd"),
        "lzma.tif": saved("TIFF", "RGBA", compression="lzma"),
        "float.tif": tiff(1, np.float32),
        "jpeg.tif": saved("TIFF", "RGB", compression="jpeg"),
        "group4.tif": saved("TIFF", "1", compression="group4"),
        "group3.tif": saved("TIFF", "1", compression="group3"),
        "palette.tif": saved("TIFF", "P", compression="tiff_lzw"),
        "ink.tif": saved("TIFF", "CMYK", exif=exif()),
        "pages.tif": _several("TIFF"),
        "plain.bmp": saved("BMP", "RGB", dpi=(300, 300)),
        "palette.bmp": saved("BMP", "P"),
        "bits.bmp": saved("BMP", "1"),
        "squeezed.bmp": _rle8(),
        "plain.avif": saved("AVIF", "RGB", exif=exif(), icc_profile=icc(), xmp=XMP),
        "alpha.avif": saved("AVIF", "RGBA", subsampling="4:4:4"),
        "animated.gif": _several("GIF"),
        "animated.avif": _several("AVIF"),
        "still.gif": saved("GIF", "P", comment="A box"),
        "stream.jpeg": jpeg,
    }
    return files


def _rle8():
    pixels = b"".join(bytes([WIDTH, row, 0, 0]) for row in range(HEIGHT)) + b"\0\1"
    start = 14 + 40 + 1024
    head = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    info = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(pixels), 2835, 2835, 256, 0)
    return head + info + bytes(range(256)) * 4 + pixels


def squeezed(size):
    """Zeros of that many bytes, compressed."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
