"""The students' time for a frame in memory, INT8 beside FP32 and OpenCV's FSRCNN, measured in alternation.

python benchmarks/frames.py FSRCNN_x2.pb    (needs opencv-contrib-python; without a file only the students are timed)

A frame is uint8 in and uint8 out: RGB, or the luma plane alone as video has it. FSRCNN makes a 1920x1080 frame of one
half as large; `with enlarging` counts our own bicubic step before the student, which makes the two jobs the same.
"""

import math
import statistics
import sys
from collections.abc import Callable
from functools import partial

from sharpcli.image.sample import photograph
from sharpcli.measure.timing import LED, alternated
from sharpcli.pipeline.run import sharpen
from sharpcli.pipeline.spec import create_enhancer

ROUNDS = 15


jobs: dict[str, Callable[[], object]] = {}
for name, width, height in (("student-live", 1920, 1080), ("student", 1280, 720)):
    for precision in ("fp32", "int8"):
        enhancer = create_enhancer(name, {"profile": "x2", "precision": precision})
        for mode in ("RGB", "L"):
            label = f"{name} {precision} {width}x{height} {'RGB' if mode == 'RGB' else 'luma'}"
            jobs[label] = partial(sharpen, photograph((width, height), mode), enhancer)
        if name == "student-live":
            jobs[f"{name} {precision} {width}x{height} RGB with enlarging"] = partial(
                sharpen, photograph((width // 2, height // 2)), enhancer, upscale=2
            )
if len(sys.argv) > 1:
    import cv2

    network = cv2.dnn_superres.DnnSuperResImpl.create()
    network.readModel(sys.argv[1])
    network.setModel("fsrcnn", 2)
    jobs["OpenCV FSRCNN 1920x1080"] = partial(network.upsample, photograph((960, 540)).pixels)
# Each led by its like: a frame follows the same video's, not another network's.
laps = alternated(jobs, ROUNDS, warm=0, led=LED, slow=math.inf)
medians = {label: 1000 * statistics.median(lap.seconds for lap in taken) for label, taken in laps.items()}
for label, taken in medians.items():
    against = []
    if " int8 " in label:
        against.append(f"{taken / medians[label.replace(' int8 ', ' fp32 ')]:.2f} x FP32")
    if "1080" in label and "OpenCV FSRCNN 1920x1080" in medians and not label.startswith("OpenCV"):
        against.append(f"1/{medians['OpenCV FSRCNN 1920x1080'] / taken:.1f} of FSRCNN")
    print(f"{label:52} {taken:7.1f} ms  {'  '.join(against)}")
