"""Make the example images of the page, sharpcli/web/examples: each soft, with its original beside it.

The photographs are scikit-image's and free to use (CC0 or public domain).
"""

from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from skimage import data

from sharpcli.image.resample import degrade

FOLDER = Path(__file__).parents[1] / "sharpcli" / "web" / "examples"
# (left, top, width, height), and how many times it is shrunk and enlarged again.
CHOICE = {
    "cat": (data.chelsea(), (60, 20, 340, 260), 1.5),
    "coffee": (data.coffee(), (60, 60, 400, 300), 2),
    "portrait": (data.astronaut(), (100, 0, 280, 280), 2),
    "text": (np.repeat(data.page()[..., None], 3, 2), (0, 0, 384, 191), 1.5),
}
QUALITY = 97

FOLDER.mkdir(exist_ok=True)
for name, (photograph, (left, top, width, height), scale) in CHOICE.items():
    sharp = np.ascontiguousarray(photograph[top : top + height, left : left + width])
    PILImage.fromarray(sharp).save(FOLDER / f"{name}.jpg", quality=QUALITY)
    PILImage.fromarray(degrade(sharp, scale, "RGB")).save(FOLDER / f"{name}-soft.jpg", quality=QUALITY)
