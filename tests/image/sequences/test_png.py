import numpy as np
import pytest

from sharpcli.image.sequences.open import opened_animation
from tests.helpers.by_hand import chunk, chunks_of, png
from tests.image.sequences.animations import chunk_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def pixels_of(data):
    return b"".join(body for name, body in chunks_of(data) if name == b"IDAT")


def apng(path, first, second, depth, *, hidden=False, blend=0, second_place=(0, 0)):
    """Two frames of RGBA, H x W x 4 each; the image is the first of them, or a `hidden` one like it."""
    height, width = first.shape[:2]
    one, two = png(first, depth, 6), png(second, depth, 6)
    header = next(body for name, body in chunks_of(one) if name == b"IHDR")
    control = chunk(b"fcTL", chunk_of(0, width, height, 0, 0, 1, 3, 0, 0))
    number = 2 if hidden else 1
    parts = [SIGNATURE, chunk(b"IHDR", header), chunk(b"acTL", (2).to_bytes(4, "big") + (5).to_bytes(4, "big"))]
    parts += [chunk(b"IDAT", pixels_of(one)), control] if hidden else [control, chunk(b"IDAT", pixels_of(one))]
    parts += [chunk(b"fdAT", (1).to_bytes(4, "big") + pixels_of(one))] if hidden else []
    parts += [
        chunk(b"fcTL", chunk_of(number, *second.shape[1::-1], *second_place, 7, 1000, 0, blend)),
        chunk(b"fdAT", (number + 1).to_bytes(4, "big") + pixels_of(two)),
        chunk(b"IEND", b""),
    ]
    path.write_bytes(b"".join(parts))
    return path


def shown(path):
    with opened_animation(path) as animation:
        return [(one.image.pixels, one.seconds, one.hidden) for one in animation.frames()], animation.plays


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(("depth", "dtype"), [(8, np.uint8), (16, np.uint16)])
def test_depth_times_and_the_image_for_others_survive(tmp_path, sharpcli, depth, dtype, hidden):
    frames = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (2, 9, 11, 4)).astype(dtype)
    source = apng(tmp_path / "a.png", *frames, depth, hidden=hidden)
    assert sharpcli("enhance", source, "-o", tmp_path / "b.png", "-e", "bicubic", "--strength", 0).exit_code == 0
    before, after = shown(source), shown(tmp_path / "b.png")
    assert before[1] == after[1] == 5
    assert [one[1:] for one in before[0]] == [one[1:] for one in after[0]]
    for (was, *_), (became, *_) in zip(before[0], after[0], strict=True):
        assert became.dtype == dtype
        np.testing.assert_array_equal(was, became)
    assert [one[2] for one in after[0]] == ([True] if hidden else []) + [False, False]


def test_half_of_a_colour_over_another_is_between_them(tmp_path):
    below = np.full((4, 4, 4), 255, np.uint8)
    below[..., :3] = (0, 0, 200)
    above = np.full((2, 2, 4), 128, np.uint8)
    above[..., :3] = (200, 0, 0)
    frames, _ = shown(apng(tmp_path / "a.png", below, above, 8, blend=1, second_place=(1, 1)))
    assert frames[1][0][2, 2].tolist() == [100, 0, 100, 255]
    assert frames[1][0][0, 0].tolist() == [0, 0, 200, 255]
