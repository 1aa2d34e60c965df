"""How long each enhancer takes for a 1920x1080 picture in memory, uint8 to uint8, measured in alternation."""

import statistics
import time

import numpy as np
from PIL import Image
from skimage import data

from sharpcli.pictures import Picture
from sharpcli.pipeline import make_enhancer, sharpen
from sharpcli.registry import load_registry

ROUNDS = 5
SIZE = (1920, 1080)

picture = Picture(np.asarray(Image.fromarray(data.astronaut()).resize(SIZE, Image.Resampling.BICUBIC)), "RGB")
enhancers = {name: make_enhancer(name, {}) for name in sorted(load_registry().found)}
seconds: dict[str, list[float]] = {name: [] for name in enhancers}
for round_ in range(ROUNDS + 1):
    for name, enhancer in enhancers.items():
        began = time.perf_counter()
        sharpen(picture, enhancer)
        if round_:  # the first round loads the weights
            seconds[name].append(time.perf_counter() - began)
base = statistics.median(seconds["student-live"])
for name, measured in seconds.items():
    median = statistics.median(measured)
    print(f"{name:14} {1000 * median:7.0f} ms  {median / base:6.2f} x student-live")
