"""The smallest plan that has a run of each kind, and a pack for it."""

import numpy as np
import torch
from PIL import Image
from skimage import data

from sharpcli_training.data.originals import PackPlan, pack_originals
from sharpcli_training.data.resident import Resident
from sharpcli_training.data.sources import is_held_out

PLAN = """
closing = 2
validation = 8

[[student]]
name = "tiny"
channels = 8
layers = 1

[[run]]
name = "first"
kind = "students"
seconds = 4
steps = {steps}
cpu_batch = 4
slope = 0.1
exact_share = 0.5

[[run]]
name = "small"
kind = "int8"
start = "first"
seconds = 2
steps = {steps}
cpu_batch = 4
exact_share = 1.0
estimator_rate = 0.0
peak_rate = 1e-3

[[run]]
name = "teacher"
kind = "teacher"
start = "first"
seconds = 4
steps = {steps}
cpu_batch = 2
channels = 16
blocks = 1
"""


def write_plan(folder, steps=0):
    """The plan as a file; by the clock unless it is given steps."""
    path = folder / "plan.toml"
    path.write_text(PLAN.format(steps=steps))
    return path


def make_pack(folder, **plan):
    """Six photographs, at least one of them held out."""
    source = folder / "source"
    source.mkdir(parents=True)
    photos = [data.astronaut(), data.chelsea(), data.coffee()]
    held = next(name for name in map("h{}".format, range(100)) if is_held_out(name))
    free = [name for name in map("f{}".format, range(20)) if not is_held_out(name)]
    for index, name in enumerate([held, *free[:5]]):
        Image.fromarray(photos[index % 3][30:230, 10 * index : 10 * index + 200]).save(source / f"{name}_0.png")
    pack_originals(source, folder / "pack", PackPlan(**plan), lambda done, total: None)
    return folder / "pack"


def images():
    """A photograph's luma on the CPU, as training sees it."""
    plane = np.asarray(Image.fromarray(data.astronaut()).convert("L"))[None]
    return Resident([np.ascontiguousarray(plane)], torch.device("cpu"))
