"""Exports students for phones and boards at four sizes, and measures them here; prints Markdown.

`pip install onnxruntime` first: what each file gives is compared with ONNX Runtime. Time is processor time of one
thread, the least of `--rounds`, in which the formats take turns, so that other work here counts for little.
"""

import argparse
import os
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import onnxruntime

from sharpcli_training.export.checked import Session, decibels, picture
from sharpcli_training.export.formats import FORMATS
from sharpcli_training.export.stack import Floats
from sharpcli_training.export.students import SIZES, Wish, export_students
from sharpcli_training.export.told import vector_of

PRECISIONS = {"openvino": ("fp32", "int8"), "litert": ("fp32", "int8"), "ncnn": ("fp32",), "coreml": ("fp16",)}
TOLD = {"deblur": ("kind=gaussian", "blur=1.5"), "call": ("coding=6", "enlarged=1.5")}
NO_TIME = ("coreml",)


def sized(path: Path) -> int:
    """Bytes of a file or a folder."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def reference(file: Path, plane: Floats, vector: tuple[float, ...]) -> Floats:
    """What ONNX Runtime makes of a plane."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    inputs = {"pixels": plane[None, None]}
    if vector:
        inputs["degradation"] = np.array([vector], np.float32)
    return np.asarray(session.run(None, inputs)[0][0, 0], np.float32)


def timed(sessions: dict[str, Session], plane: Floats, rounds: int) -> dict[str, float]:
    """Milliseconds of processor time a frame."""
    least = dict.fromkeys(sessions, float("inf"))
    for _ in range(rounds):
        for name, session in sessions.items():
            begun = time.process_time()
            session(plane)
            least[name] = min(least[name], 1000 * (time.process_time() - begun))
    return least


def rows(source: str, size: str, folder: Path, rounds: int) -> list[str]:
    """A row of the table for each format and precision of a student."""
    profile = source.rpartition("=")[2]
    options = TOLD.get(profile, ())
    vector = vector_of(dict(one.split("=") for one in options), call=profile == "call") if options else ()
    width, height = map(int, SIZES[size].split("x"))
    plane = np.ascontiguousarray(picture(height, width, vector)[::-1])
    sessions, facts = {}, {}
    for form, precisions in PRECISIONS.items():
        for precision in precisions:
            wish = Wish(precision, size, options)
            written = list(export_students([source], FORMATS[form], folder, wish))
            session = import_module(f"sharpcli_training.export.{form}").session(written[0].path, 1)
            onnx = Path("plugins/sharpcli_student/weights") / (
                source.replace(":profile=", "-") + ("-int8" if precision == "int8" else "") + ".onnx"
            )
            quality = decibels(session(plane), reference(onnx, plane, vector))
            facts[f"{form} {precision}"] = sum(sized(one.path) for one in written) / 1000, quality
            if form not in NO_TIME:
                sessions[f"{form} {precision}"] = session
    times = timed(sessions, plane, rounds)
    lines = []
    for name, (kilobytes, quality) in facts.items():
        took = times.get(name)
        ratio = "" if took is None else f"{took:.1f} | {took / times['openvino fp32']:.2f}"
        lines.append(f"| {source} | {size} | {name} | {kilobytes:.0f} | {quality:.1f} | {ratio or 'not run | '} |")
    return lines


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", default=["student-live:profile=photo", "student:profile=photo"])
    parser.add_argument("--sizes", nargs="*", default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    # ncnn counts processors itself where it is not told.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    print("| student | size | format | KB | dB against ONNX Runtime | ms | to OpenVINO in float |")
    print("|---|---|---|---|---|---|---|")
    for source in arguments.sources:
        for size in arguments.sizes:
            with tempfile.TemporaryDirectory() as folder:
                print(*rows(source, size, Path(folder), arguments.rounds), sep="\n", flush=True)


if __name__ == "__main__":
    main()
