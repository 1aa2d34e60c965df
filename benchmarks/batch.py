"""Times a folder's way through decode, network and encode, each part alone and all together, side by side in one run.

python benchmarks/batch.py [FOLDER] [--enhancer student-live] [--rounds 5]

Without FOLDER, 1920x1080 images are made from scikit-image's photographs, once as JPEG and once as PNG. All parts run
in one warm process, in turn, by the code that `sharpcli enhance` runs; the median of the rounds counts. The codec floor
is reading and writing the same files without an enhancer, by one thread (as a plain loop would) and by as many as the
batch has. The network alone takes decoded images one after the other; the engine shares each among all cores.
"""

import argparse
import math
import platform
import shutil
import statistics
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image as PILImage
from PIL import ImageOps
from skimage import data

from sharpcli.batch.dispatch import run
from sharpcli.batch.job import Job
from sharpcli.batch.plan import plan
from sharpcli.image.image import Image
from sharpcli.image.read import read_image
from sharpcli.measure.cores import cores
from sharpcli.measure.timing import alternated
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer

IMAGES = 24


def unchanged(image: Image, **_: Any) -> Image:
    """What a batch without an enhancer does."""
    return image


def make(folder: Path, ending: str) -> Path:
    """A folder of 1080p images."""
    folder.mkdir()
    photographs = [data.astronaut(), data.chelsea(), data.coffee(), data.rocket()]
    for index in range(IMAGES):
        image = ImageOps.fit(PILImage.fromarray(photographs[index % 4]), (1920, 1080), centering=(index / IMAGES, 0.5))
        # Mirrored by turns, so that no two files are the same.
        image = ImageOps.mirror(image) if index // 4 % 2 else image
        image.save(folder / f"{index:02}.{ending}", **({"quality": 90} if ending == "jpg" else {"compress_level": 6}))
    return folder


def batch(folder: Path, out: Path, job: Job, workers: int) -> None:
    """The folder through the batch, into an empty folder."""
    job = replace(job, workers=workers)
    shutil.rmtree(out, ignore_errors=True)
    with ThreadPoolExecutor(workers) as threads:
        summary = run(plan([folder], out, suffix="").items, job, threads, at_once=2 * workers)
    assert not summary.failures(), summary.failures()


def measure(folder: Path, name: str, rounds: int, workers: int) -> None:
    """Print the medians, in milliseconds an image, and their ratios."""
    enhancer = create_enhancer(name, {}).for_this_machine()
    enhance = Job(sharpen, enhancer)
    floor = Job(unchanged, enhancer)
    images = [read_image(path) for path in sorted(folder.iterdir())]
    with tempfile.TemporaryDirectory() as out:
        parts: dict[str, Callable[[], None]] = {
            "codec floor, one thread": partial(batch, folder, Path(out) / "x", floor, 1),
            f"codec floor, {workers} threads": partial(batch, folder, Path(out) / "x", floor, workers),
            "network alone": lambda: [None for image in images if not sharpen(image, enhancer)] and None,
            f"enhance, {workers} workers": partial(batch, folder, Path(out) / "x", enhance, workers),
        }
        laps = alternated(parts, rounds, warm=1, slow=math.inf)
    times = {part: [1000 * lap.seconds / len(images) for lap in taken] for part, taken in laps.items()}
    medians = {part: statistics.median(values) for part, values in times.items()}
    for part, values in times.items():
        print(f"  {part:26} {medians[part]:7.1f} ms an image ({min(values):.1f}-{max(values):.1f})")
    one, several, network, whole = medians.values()
    print(f"  enhance = {whole / max(one, network):.2f} x max(one-thread floor, network)")
    print(f"          = {whole / max(several, network):.2f} x max({workers}-thread floor, network)")
    print(f"          = {whole / (several + network):.2f} x (those two one after the other)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--enhancer", default="student-live")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=min(4, cores()))
    asked = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {cores()} cores, {asked.enhancer}")
    with tempfile.TemporaryDirectory() as made:
        folders = [asked.folder] if asked.folder else [make(Path(made) / ending, ending) for ending in ("jpg", "png")]
        for folder in folders:
            print(f"{folder.name}: {len(list(folder.iterdir()))} images")
            measure(folder, asked.enhancer, asked.rounds, asked.workers)
