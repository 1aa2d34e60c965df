import io
from base64 import b64decode

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.errors import SharpError
from sharpcli.image.image import Image
from sharpcli.web.tasks.tiles import SIDE, keep_pair, tile, whole

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def opened(url):
    return PILImage.open(io.BytesIO(b64decode(url.partition(",")[2])))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "visit-0123456789"
    made.mkdir()
    return made


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(1).integers(0, np.iinfo(dtype).max + 1, shape, dtype=dtype)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (3, "RGB"), (4, "RGBA")])
def test_at_full_resolution_tiles_put_together_are_the_image_bit_for_bit(folder, channels, mode):
    pair = {name: noise(SIDE + 40, 2 * SIDE + 7, channels) for name in ("before", "after")}
    pair["after"] = 255 - pair["after"]
    keep_pair(folder, *(Image(pixels, mode) for pixels in pair.values()))
    for name, pixels in pair.items():
        rows = []
        for row in (0, 1):
            asked = [{"folder": folder.name, "level": 0, "column": column, "row": row} for column in (0, 1, 2)]
            parts = [np.array(opened(tile(folder.parent, one)[name])) for one in asked]
            rows.append(np.concatenate(parts, 1))
        seen = np.concatenate(rows)
        assert np.array_equal(seen.reshape(pixels.shape), pixels)


def test_reduced_tiles_are_means_and_small_files_and_profiles_are_kept(folder):
    height, width = 1000, 3000
    ramp = np.linspace(0, 255, width).astype(np.uint8)
    pixels = np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()
    image = Image(pixels, "RGB", {"icc_profile": PROFILE})
    keep_pair(folder, image, image)
    answer = tile(folder.parent, {"folder": folder.name, "level": 4, "column": 0, "row": 0})
    assert len(answer["after"]) < 20_000
    seen = opened(answer["after"])
    assert seen.size == (-(-width // 16), -(-height // 16))
    assert np.abs(np.array(seen)[30, :-1, 1] - ramp[8::16][: seen.width - 1].astype(float)).max() <= 4
    assert seen.info["icc_profile"] == PROFILE
    assert opened(whole(folder.parent, {"folder": folder.name})).info["icc_profile"] == PROFILE


def test_sixteen_bits_and_inks_are_seen_too(folder):
    deep, inks = noise(40, 50, 3, dtype=np.uint16), noise(40, 50, 4)
    keep_pair(folder, Image(deep, "RGB"), Image(inks, "CMYK", {"icc_profile": b"of inks"}))
    answer = tile(folder.parent, {"folder": folder.name, "level": 0, "column": 0, "row": 0})
    assert np.array_equal(np.array(opened(answer["before"])), np.rint(deep / 257))
    assert opened(answer["after"]).mode == "RGB"
    assert "icc_profile" not in opened(answer["after"]).info


def test_the_same_pixels_are_known_again(folder):
    one, other = Image(noise(30, 30, 3), "RGB"), Image(noise(30, 31, 3), "RGB")
    first = keep_pair(folder, one, other)
    assert keep_pair(folder, one, one) == (first[0], first[0])
    assert first[0] != first[1]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"level": 0, "column": 9, "row": 0}, "no tile 9,0"),
        ({"level": 99, "column": 0, "row": 0}, "no tile"),
        ({"level": 0, "column": -1, "row": 0}, "no tile"),
        ({"level": "x", "column": 0, "row": 0}, "whole numbers"),
        ({}, "whole numbers"),
        ({"level": 0, "column": 0, "row": 0, "folder": "../visit-0123456789"}, "not the name"),
        ({"level": 0, "column": 0, "row": 0, "folder": "visit-9999999999"}, "has been deleted"),
    ],
)
def test_what_is_no_tile_is_a_sentence(folder, asked, message):
    image = Image(noise(30, 30, 3), "RGB")
    keep_pair(folder, image, image)
    with pytest.raises(SharpError, match=message):
        tile(folder.parent, {"folder": folder.name} | asked)
