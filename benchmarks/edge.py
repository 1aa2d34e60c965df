"""Compares the browser edition's backends with the command line, image by image; prints Markdown.

python benchmarks/edge.py [--backend webgpu|webgl2|wasm] [--images 50] [--into docs/edge-parity.md]

Needs Chromium (SHARPCLI_BROWSER names another one), playwright, onnx and `npm ci` in edge/. Each image, a piece of one
of the project's blurry examples, goes through both students with every profile: in headless Chromium by way of the
model file, and in Python as `sharpcli enhance` does it with the ONNX file. `--into` writes the tables between the
markers of a page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from calls import between
from edging.browser import build, chromium, harness, served
from edging.parity import SIDES, STUDENTS, Cell, crops, export_networks, measured
from edging.tables import parity_table

from sharpcli.errors import SharpError

BACKENDS = "webgpu", "webgl2", "wasm"
BEGIN, END = "<!-- figures: parity -->", "<!-- end -->"


def main() -> None:
    """What the file's first lines say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="all that there are; can be repeated")
    parser.add_argument("--student", action="append", choices=STUDENTS, help="both; can be repeated")
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--into", type=Path, metavar="PAGE")
    given = parser.parse_args()
    try:
        text = report(given)
        if given.into:
            given.into.write_text(between(given.into.read_text(), text, BEGIN, END))
    except (SharpError, OSError) as error:
        sys.exit(f"error: {error}")
    print(text)


def report(given: argparse.Namespace) -> str:
    """A table for each backend, after what it ran on; raises SharpError."""
    images = crops(given.images)
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        export_networks(Path(folder), given.student or STUDENTS)
        with served(Path(folder)) as address, chromium() as browser:
            for name in given.backend or BACKENDS:
                try:
                    with harness(browser, address, name) as opened:
                        cells = list(counted(measured(opened, images, given.student or STUDENTS)))
                except SharpError as error:
                    print(f"{name} is left out: {error}", file=sys.stderr)
                    continue
                device = f"`{name}` on {opened.backend['device']}, Chromium {browser.version}"
                parts.append(
                    f"### {device}\n\n{len(images)} images of about {SIDES[1]}x{SIDES[0]}.\n\n{parity_table(cells)}"
                )
    if not parts:
        raise SharpError("no backend could be opened")
    return "\n\n".join(parts)


def counted(cells: Iterable[Cell]) -> Iterator[Cell]:
    """The cells, with a dot for each on the terminal."""
    for cell in cells:
        print(".", end="", file=sys.stderr, flush=True)
        yield cell


if __name__ == "__main__":
    main()
