"""Small animations of every kind, with what one may hold, and what Pillow sees of files."""

import struct

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageSequence, PngImagePlugin

WIDTH, HEIGHT = 48, 36
DURATIONS = [100, 50, 200, 70, 30, 1000]
KINDS = ("gif", "png", "webp", "avif")


def frames(*, clear=False):
    """A disc that crosses a coloured ground, or only the disc."""
    down, across = np.mgrid[:HEIGHT, :WIDTH]
    ground = np.stack([across * 5, down * 7, 128 + 0 * across], axis=2).astype(np.uint8)
    made = []
    for number in range(len(DURATIONS)):
        image = PILImage.fromarray(ground // 8 * 8)
        place = (2 + 5 * number, 6, 22 + 5 * number, 26)
        ImageDraw.Draw(image).ellipse(place, fill=(250, 240, 20))
        if clear:
            alpha = PILImage.new("L", image.size, 0)
            ImageDraw.Draw(alpha).ellipse(place, fill=255)
            image.putalpha(alpha)
        made.append(image)
    return made


def animation(path, *, clear=False, loop=3, **options):
    """Write one with Pillow; `loop` as Pillow understands it."""
    first, *rest = frames(clear=clear)
    own = {"gif": {"disposal": 2 if clear else 0}, "webp": {"lossless": True}}.get(path.suffix[1:], {})
    first.save(path, save_all=True, append_images=rest, duration=DURATIONS, loop=loop, **own, **options)
    return path


def texts():
    """Texts of a PNG."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Title", "A disc")
    return info


def seen(path):
    """RGBA of each frame with transparent pixels black, durations in ms, and the loop count, as Pillow sees them."""
    with PILImage.open(path) as image:
        shown, durations = [], []
        for frame in ImageSequence.Iterator(image):
            pixels = np.array(frame.convert("RGBA"))
            shown.append(np.where(pixels[..., 3:] > 0, pixels, 0))
            durations.append(frame.info.get("duration"))
        return shown, durations, image.info.get("loop")


def application(name, body):
    """A GIF's application extension."""
    pieces = b"".join(bytes([len(body[at : at + 255])]) + body[at : at + 255] for at in range(0, len(body), 255))
    return b"!\xff\x0b" + name + pieces + b"\0"


def with_extensions(path, *extensions):
    """Put extensions behind a GIF's screen and palette."""
    data = path.read_bytes()
    size = 13 + (3 << ((data[10] & 7) + 1) if data[10] & 0x80 else 0)
    path.write_bytes(data[:size] + b"".join(extensions) + data[size:])
    return path


def chunk_of(number, *fields):
    """The body of an APNG's fcTL: width, height, left, top, delay over, under, disposal, blend."""
    return struct.pack(">IIIIIHHBB", number, *fields)
