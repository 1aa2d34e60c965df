import io
import re
from base64 import b64decode
from dataclasses import replace

import numpy as np
from PIL import Image as PILImage
from PIL import ImageCms

from sharpcli.compare.compare import Enhanced, lined_up, scored
from sharpcli.image.crops import window
from sharpcli.image.image import Image
from sharpcli.web.views.crops import crop_grid


def test_every_name_is_escaped_and_every_crop_is_the_very_pixels(photo):
    name = '<img src=x onerror="alert(1)">&'
    after = Image(255 - photo, "RGB")
    comparison = scored(lined_up(Image(photo, "RGB"), [Enhanced(name, after, 0.5)], photo[::-1].copy()), "rgb")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    where = window((200, 100), 40, (449, 299))
    text = crop_grid(replace(comparison, profile=profile), where, 3)
    assert "<img src=x" not in text
    assert text.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;") == 2
    files = [b64decode(content) for content in re.findall(r"base64,([^\"]+)", text)]
    for file, candidate in zip(files, comparison.candidates, strict=True):
        with PILImage.open(io.BytesIO(file)) as image:
            assert image.info["icc_profile"] == profile
            assert (np.asarray(image) == candidate.pixels[where]).all()
    assert text.count("width: 120px") == 3
    assert "500 ms" in text


def test_a_gain_is_marked_for_what_it_is(photo):
    original = Image(photo, "RGB")
    noise = np.random.default_rng(0).integers(-20, 21, photo.shape)
    noisy = Image((photo + noise).clip(0, 255).astype(np.uint8), "RGB")
    kinds = []
    for before, after in ((noisy, original), (original, noisy), (noisy, noisy)):
        comparison = scored(lined_up(before, [Enhanced("net", after, 1)], photo), "rgb")
        kinds.append(
            re.findall(r'class="(better|worse|same)"', crop_grid(comparison, window((9, 9), 9, (449, 299)), 1))
        )
    assert kinds == [["better"] * 2, ["worse"] * 2, ["same"] * 2]
