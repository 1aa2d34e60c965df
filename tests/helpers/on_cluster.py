"""What the tests of a cluster run on its workers."""

import gc
import os
import time
import uuid

from sharpcli.files.atomic import whole_file
from sharpcli.inference import runtime
from sharpcli.pipeline.budget import Ceiling


def loads(loader="load_plain_network"):
    """How often this process loaded a network, and how often it had it already."""
    info = getattr(runtime, loader).cache_info()
    return info.misses, info.hits


def ceilings():
    """Among how many threads the ceilings of this process are shared."""
    return {found.workers for found in gc.get_objects() if isinstance(found, Ceiling)}


def unchanged(image, **_):
    return image


def stuck(image, victim, out, flag, **_):
    """On the victim: half of a file, a sign that it is there, and no end."""
    if os.getpid() == victim:
        with whole_file(out / "half.png") as file:
            file.write(b"half")
            flag.touch()
            time.sleep(60)
    return image


def slow(image, flags, **_):
    """Leave a flag, and take a while."""
    (flags / uuid.uuid4().hex).touch()
    time.sleep(1)
    return image


def deadly(image, **_):
    """End the process at one of the images."""
    if image.pixels.shape[:2] == (91, 121):
        time.sleep(0.2)
        os._exit(1)
    return image
