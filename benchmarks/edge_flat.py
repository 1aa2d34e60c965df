"""Runs thousands of frames through the browser edition and shows what they leave behind; prints Markdown.

python benchmarks/edge_flat.py [--backend webgpu|webgl2] [--way frame|image] [--frames 10000] [--size 64x64]

Needs Chromium (SHARPCLI_BROWSER names another one), playwright, onnx and `npm ci` in edge/. The first hundred frames
make what all others use: a line has what there is after them and at the end.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edging.browser import build, chromium, harness, served
from edging.flat import COUNTED, FLAGS, WARM, Held, held, new, run
from edging.networks import export

from sharpcli.errors import SharpError

BACKENDS = "webgpu", "webgl2"
WAYS = "frame", "image"
NETWORK = "student-live-photo-int8"
HEAD = (
    "backend",
    "way",
    "frames",
    "textures made",
    "buffers made",
    "objects held",
    "heap, MiB",
    "graphics process, MiB",
)


def main() -> None:
    """What the file's first lines say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="both; can be repeated")
    parser.add_argument("--way", action="append", choices=WAYS, help="both; can be repeated")
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--size", default="64x64", metavar="WxH")
    given = parser.parse_args()
    width, height = (int(side) for side in given.size.split("x"))
    try:
        for line in lines(given.backend or BACKENDS, given.way or WAYS, width, height, given.frames):
            print(line, flush=True)
    except (SharpError, OSError) as error:
        sys.exit(f"error: {error}")


def lines(backends: tuple[str, ...], ways: tuple[str, ...], width: int, height: int, frames: int) -> Iterator[str]:
    """A table's lines, each as soon as it is known; raises SharpError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        export(folder, NETWORK)
        with served(folder) as address, chromium(FLAGS) as browser:
            yield f"{NETWORK} at {width}x{height} in Chromium {browser.version}\n"
            yield f"| {' | '.join(HEAD)} |"
            yield f"|{' --- |' * len(HEAD)}"
            for backend in backends:
                for way in ways:
                    with harness(browser, address, backend, COUNTED) as opened:
                        opened.compile(f"{NETWORK}.bin", "float")
                        run(opened, way, width, height, WARM)
                        before = held(opened)
                        run(opened, way, width, height, frames - WARM)
                        device = opened.backend["device"]
                        yield f"| {backend} ({device}) | {way} | {row(before, held(opened), frames)} |"


def row(before: Held, after: Held, frames: int) -> str:
    """What came of all frames but the first."""
    made = [str(new(before, after, kind)) for kind in ("Texture", "Buffer")]
    objects = f"{sum(before.objects.values())} then {sum(after.objects.values())}"
    heap = f"{before.heap:.2f} then {after.heap:.2f}"
    device = (
        "unknown" if before.device is None or after.device is None else f"{before.device:.0f} then {after.device:.0f}"
    )
    return " | ".join([str(frames), *made, objects, heap, device])


if __name__ == "__main__":
    main()
