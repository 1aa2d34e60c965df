"""The tensor code makes Pillow's and libjpeg's bytes, whatever is drawn.

`pytest -m "" --hypothesis-profile thorough --timeout 0` and this file: 10,000 draws a test instead of 100.
"""

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.jpeg import jpeg
from tests.training.degradations import drawn, through

PHOTOS = (data.astronaut(), data.chelsea(), data.coffee())
CUBIC, LINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR
DOWN = {
    CUBIC: {"down": 0},
    Image.Resampling.LANCZOS: {"down": 1},
    LINEAR: {"down": 2},
    Image.Resampling.BOX: {"down": 2, "box": True},
}
UP = {CUBIC: {"up": 0}, Image.Resampling.LANCZOS: {"up": 1}, LINEAR: {"up": 2}}
QUALITIES = st.integers(1, 100)


@st.composite
def images(draw, heights, widths=None):
    """Grey or RGB windows of photographs, with more contrast than they had, and noise; square without widths."""
    height = draw(heights)
    shape = (height, height if widths is None else draw(widths), *draw(st.sampled_from([(), (3,)])))
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    contrast = draw(st.sampled_from([0, 1, 4, 1000]))
    if not contrast:
        return chance.integers(0, 256, shape, np.uint8)
    photo = PHOTOS[chance.integers(len(PHOTOS))]
    top, left = (chance.integers(0, whole - part) for whole, part in zip(photo.shape, shape[:2], strict=False))
    window = photo[top : top + shape[0], left : left + shape[1]].astype(float)
    harder = np.clip((window - window.mean()) * contrast + 128, 0, 255).astype(np.uint8)
    return harder if len(shape) == 3 else np.ascontiguousarray(harder[..., 1])


def saved(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def there_and_back(image, size, down, up, between=lambda small: small):
    """Square images through another size, in Pillow."""
    small = between(np.asarray(Image.fromarray(image).resize((size, size), down)))
    return np.asarray(Image.fromarray(small).resize(image.shape[1::-1], up))


def inner(image, margin):
    """What does not feel where the coarse image ends: in the tensor code it goes on there."""
    return image[margin:-margin, margin:-margin]


@given(images(st.integers(1, 70), st.integers(5, 70)), QUALITIES)
def test_jpeg(image, quality):
    levels = torch.from_numpy(np.atleast_3d(image)).permute(2, 0, 1)[None].float()
    result = jpeg(levels, torch.tensor([quality]))[0].permute(1, 2, 0).numpy().reshape(image.shape)
    np.testing.assert_array_equal(result, saved(image, quality))


@given(st.data())
def test_images_of_one_batch_have_qualities_of_their_own(data):
    qualities = data.draw(st.lists(QUALITIES, min_size=2, max_size=4))
    shape = (st.just(data.draw(st.integers(1, 5)) * 8), st.just(data.draw(st.integers(1, 5)) * 8))
    batch = [data.draw(images(*shape).filter(lambda one: one.ndim == 3)) for _ in qualities]
    result = jpeg(torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float(), torch.tensor(qualities))
    expected = [saved(image, quality) for image, quality in zip(batch, qualities, strict=True)]
    np.testing.assert_array_equal(result.permute(0, 2, 3, 1).numpy(), np.stack(expected))


@given(images(st.integers(120, 170)), st.floats(1.02, 4), st.sampled_from(list(DOWN)), st.sampled_from(list(UP)))
def test_resampling(image, scale, down, up):
    side = len(image)
    size = math.ceil(side / scale)
    result = through(image, resample=True, scale=side / size, **DOWN[down], **UP[up])
    expected = there_and_back(image, size, down, up)
    np.testing.assert_array_equal(inner(result, 32), inner(expected, 32))


@given(images(st.integers(80, 130)), st.floats(1.25, 2), st.booleans(), st.sampled_from([CUBIC, LINEAR]))
def test_resampling_like_a_screenshot(image, factor, larger, kernel):
    side = len(image)
    size = math.floor(side * factor) if larger else math.ceil(side / factor)
    result = through(image, twice=True, twice_scale=side / size, twice_bilinear=kernel == LINEAR)
    expected = there_and_back(image, size, kernel, kernel)
    np.testing.assert_array_equal(inner(result, 16), inner(expected, 16))


@given(images(st.integers(136, 150)), st.floats(1.25, 2), st.sampled_from(list(DOWN)), QUALITIES, QUALITIES)
def test_the_whole_way_of_an_image_on_a_page(image, scale, down, before, after):
    """Reduced, compressed, enlarged on a page, a screenshot of which is reduced and compressed."""
    side = len(image)
    size, shot = round(side / scale), round(side * 1.5)
    expected = there_and_back(image, size, down, CUBIC, lambda small: saved(small, before))
    expected = saved(there_and_back(expected, shot, CUBIC, CUBIC), after)
    result = through(
        image,
        **DOWN[down],
        resample=True,
        scale=side / size,
        jpeg_before=True,
        quality_before=before,
        twice=True,
        twice_scale=side / shot,
        jpeg=True,
        quality=after,
    )
    np.testing.assert_array_equal(inner(result, 60), inner(expected, 60))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="only a GPU captures")
def test_a_captured_chain_on_a_gpu_makes_the_same_bytes():
    windows = [photo[40:184, 100:244] for photo in PHOTOS]
    levels = torch.from_numpy(np.stack(windows)).permute(0, 3, 1, 2).float()
    changes = {"resample": True, "scale": [1.5, 2.0, 3.0], "down": [0, 1, 2], "jpeg_before": True, "twice": True}
    changes |= {"twice_scale": [0.6, 0.8, 1.5], "recompressed": True, "jpeg": True, "quality": [50, 75, 90]}
    draw = drawn(3, **changes)
    expected = degrade(levels, draw, torch.Generator().manual_seed(0))

    device = torch.device("cuda")
    generator = torch.Generator(device).manual_seed(0)
    there, moved = levels.to(device), Draw(**{name: value.to(device) for name, value in vars(draw).items()})
    degrade(there, moved, generator)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    graph.register_generator_state(generator)
    with torch.cuda.graph(graph):
        result = degrade(there, moved, generator)
    graph.replay()
    assert torch.equal(result.cpu(), expected)
