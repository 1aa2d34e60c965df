"""Enlarging twice to 1920x1080: the application's bicubic step beside Pillow's, and its share of a sharpened frame.

python benchmarks/enlarge.py [ROUNDS]

All jobs take turns. For each: milliseconds (median), milliseconds of processor time, and both relative to Pillow on
one thread, whose result is the same. Pillow on two threads makes one half of the rows on each.
"""

import math
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from PIL import Image as PILImage

from sharpcli.image.image import Image, Pixels, from_pil, to_pil
from sharpcli.image.resample import resize, resize_plane
from sharpcli.image.sample import photograph
from sharpcli.measure.timing import LED, Lap, alternated
from sharpcli.pipeline.budget import DEFAULT, keep_freed
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer

SIZE, SMALL = (1080, 1920), (540, 960)
POOL = ThreadPoolExecutor(2)
ENHANCER = "student-live"


def by_pillow(image: Image) -> Pixels:
    """As one image with 8 bits, as one plane of floats a channel with 16."""
    if image.pixels.dtype == np.uint8:
        return from_pil(to_pil(image.pixels, image.mode).resize(SIZE[::-1], PILImage.Resampling.BICUBIC))
    result = np.empty((*SIZE, image.pixels.shape[2]), np.uint16)
    for channel in range(result.shape[2]):
        values = resize_plane(image.pixels[..., channel].astype(np.float32), SIZE)
        result[..., channel] = np.rint(values, out=values).clip(0, 65535, out=values)
    return result


def by_threads(image: Image) -> Pixels:
    """Pillow's with 8 bits; what surrounds the box is seen, so the halves fit together."""
    whole, (rows, columns) = to_pil(image.pixels, image.mode), SMALL
    result = np.empty((*SIZE, image.pixels.shape[2]), np.uint8)

    def half(top: int) -> None:
        box = (0, top // 2, columns, top // 2 + rows // 2)
        result[top : top + rows] = from_pil(whole.resize((SIZE[1], rows), PILImage.Resampling.BICUBIC, box))

    list(POOL.map(half, (0, rows)))
    return result


def by_pillow_first(image: Image, enhancer: Enhancer) -> Image:
    """What `sharpen` with an upscale of 2 makes."""
    return sharpen(Image(by_pillow(image), image.mode), enhancer)


def medians(laps: list[Lap]) -> tuple[float, float]:
    """Milliseconds that passed, and of processor time."""
    return (
        1000 * statistics.median(lap.seconds for lap in laps),
        1000 * statistics.median(lap.processor for lap in laps),
    )


def main() -> None:
    """Measure and print."""
    keep_freed(DEFAULT // 10)  # as in a batch
    jobs: dict[tuple[str, str], Callable[[], object]] = {}
    enhancer = create_enhancer(ENHANCER, {"profile": "x2"})
    for mode in ("L", "RGB"):
        plain = Image(photograph(SMALL[::-1], mode).pixels, mode)
        deep = Image(plain.pixels.astype(np.uint16) * 257, mode)
        for name, image in ((f"{mode} 8 bits", plain), (f"{mode} 16 bits", deep)):
            ours = partial(resize, image.pixels, SIZE, mode)
            np.testing.assert_array_equal(ours(), by_pillow(image))
            jobs[name, "Pillow"] = partial(by_pillow, image)
            if image is plain:
                np.testing.assert_array_equal(ours(), by_threads(image))
                jobs[name, "Pillow, two threads"] = partial(by_threads, image)
            jobs[name, "sharpcli"] = ours
        large = Image(resize(plain.pixels, SIZE, mode), mode)
        network = f"{mode} {ENHANCER}"
        jobs[network, "Pillow"] = partial(by_pillow_first, plain, enhancer)
        jobs[network, "sharpcli"] = partial(sharpen, plain, enhancer, upscale=2)
        jobs[network, "network alone"] = partial(sharpen, large, enhancer)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    laps = alternated(jobs, rounds, warm=1, led=LED, slow=math.inf)
    for (name, how), taken in laps.items():
        against = medians(laps[name, "Pillow"])
        times = medians(taken)
        ratios = [time / other for time, other in zip(times, against, strict=True)]
        print("{:18} {:20} {:6.1f} ms {:6.1f} ms   {:.2f} {:.2f}".format(name, how, *times, *ratios))


if __name__ == "__main__":
    main()
