"""What a decoder leaves out of a damaged file is black, and not another image that was in memory before."""

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image as PILImage

from sharpcli.image import read
from sharpcli.image.codecs.base import Stored
from sharpcli.image.read import opened
from sharpcli.image.scratch import IN_MEMORY, Scratch

ORIENTATION = 0x0112


class Dirty(Scratch):
    """Arrays in used memory, as far as it is not asked for clean one."""

    def empty(self, shape, dtype):
        return np.full(shape, 77, dtype)


@pytest.fixture
def lazy(monkeypatch):
    """Decoders that find nothing to decode."""
    monkeypatch.setattr(imagecodecs, "png_decode", lambda data, out: out)
    monkeypatch.setattr(tifffile.TiffPage, "asarray", lambda page, out, **_: out)


def turned(image, path):
    exif = PILImage.Exif()
    exif[ORIENTATION] = 6
    image.save(path, exif=exif)


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("a.png", lambda pixels, path: PILImage.fromarray(pixels).save(path)),
        ("turned.png", lambda pixels, path: turned(PILImage.fromarray(pixels), path)),
        ("a.tif", lambda pixels, path: tifffile.imwrite(path, pixels, photometric="rgb", compression="zlib")),
        ("turned.tif", lambda pixels, path: turned(PILImage.fromarray(pixels), path)),
        (
            "planes.tif",
            lambda pixels, path: tifffile.imwrite(
                path, pixels.transpose(2, 0, 1), photometric="rgb", planarconfig="separate", compression="zlib"
            ),
        ),
    ],
)
def test_a_decoder_that_writes_nothing_gives_black(tmp_path, photo, lazy, name, save):
    save(photo[:40, :60], tmp_path / name)
    with opened(tmp_path / name) as source:
        assert not source.read(Dirty()).pixels.any()


@pytest.mark.parametrize("depth", [8, 16])
def test_any_codec_is_given_a_black_image_to_fill(tmp_path, photo, monkeypatch, depth):
    PILImage.fromarray(photo[:40, :60]).save(tmp_path / "a.png")
    nothing = Stored("PNG", 60, 40, "RGB", depth, 0, lambda target, scratch: None)
    monkeypatch.setattr(read, "stored", lambda file, ending: nothing)
    with opened(tmp_path / "a.png") as source:
        pixels = source.read(Dirty()).pixels
    assert pixels.shape == (40, 60, 3)
    assert not pixels.any()


def test_memory_that_was_used_before_is_cleaned():
    for _ in range(20):
        used = IN_MEMORY.empty((300, 400, 3), np.uint8)
        used[:] = 77
        del used
        assert not IN_MEMORY.zeros((300, 400, 3), np.uint8).any()
