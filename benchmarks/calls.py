"""Scores enhancers on clips that went through a call, by codec, rate and scale; prints Markdown.

python benchmarks/calls.py CLIP... [-e NAME[:OPTION=VALUE,...]] [--into docs/calls.md]

Each clip is shrunk, encoded as endpoints of calls do it, decoded and enlarged again, all in memory, so that nothing but
the enhancer and the call is measured. Tried are, unless others are named, the default; the students with the profiles
`photo` and, where there are weights of it, `call`; the plugin `unsharp` of plugins/examples; and FFmpeg's filter `cas`.
`--cards` writes the figures of networks with a profile of their own into their cards. `--quick` takes a few frames at
one rate, to see that it works. `--into` writes the tables between the markers of a page.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from itertools import product
from pathlib import Path

import av
from calling.cards import write_cards
from calling.line import CODECS, SCALES, SHARES, Cell, originals
from calling.measure import CONVENTION, Row, measured, untouched
from calling.methods import chosen, usual
from calling.tables import tables

from sharpcli.errors import SharpError
from sharpcli.measure.machine import machine
from sharpcli.scoring.score import CONVENTIONS

QUICK = 6
"""Frames of each clip."""
BEGIN, END = "<!-- figures: calls -->", "<!-- end -->"


def main() -> None:
    """What the file's first lines say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("-e", "--enhancer", action="append", help="also cas; can be repeated")
    parser.add_argument("--codec", action="append", choices=CODECS)
    parser.add_argument("--scale", action="append", type=float, choices=SCALES)
    parser.add_argument("--rate", action="append", choices=SHARES, help="where in the range of the size")
    parser.add_argument("--height", type=int, default=480, help="the shorter side of the originals, at most")
    parser.add_argument("--frames", type=int, default=60, help="at most so many of each clip")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} frames at the middle rate")
    parser.add_argument("--cards", action="store_true", help="write the figures into the networks' cards")
    parser.add_argument("--into", type=Path, metavar="PAGE")
    given = parser.parse_args()
    if given.quick:
        given.frames, given.rate = QUICK, given.rate or ["middle"]
    try:
        text = report(given)
        if given.into:
            given.into.write_text(between(given.into.read_text(), text))
    except (SharpError, OSError, av.FFmpegError) as error:
        sys.exit(f"error: {error}")
    print(text)


def report(given: argparse.Namespace) -> str:
    """How it was measured, and the tables; raises SharpError."""
    began = time.process_time()
    methods = chosen(given.enhancer or usual())
    cells = [Cell(*one) for one in product(given.codec or CODECS, given.scale or SCALES, given.rate or SHARES)]
    rows: dict[Cell, list[Row]] = {cell: [] for cell in cells}
    kept: dict[str, list[float]] = {name: [] for name in methods}
    sizes: dict[str, int] = {}
    for path in given.clips:
        frames, rate = originals(path, given.height, given.frames)
        kind = f"{frames[0].width}x{frames[0].height}, {len(frames)} frames at {float(rate):.4g} a second"
        sizes[kind] = sizes.get(kind, 0) + 1
        for name, figure in untouched(frames, methods).items():
            kept[name].append(figure)
        for cell in cells:
            rows[cell].append(measured(frames, rate, cell, methods))
            print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    if given.cards:
        write_cards(rows, given.enhancer or usual())
    clips = "; ".join(f"{count} of {kind}" for kind, count in sizes.items())
    said = [
        f"Clips: {clips}. Convention {CONVENTIONS[CONVENTION]}.",
        f"{machine()}. {(time.process_time() - began) / 60:.0f} minutes of processor time.",
    ]
    return "\n\n".join(["\n".join(said), tables(rows, kept)])


def between(page: str, text: str, begin: str = BEGIN, end: str = END) -> str:
    """The page with the text between its markers; raises SharpError where it has none."""
    result, count = re.subn(
        f"{re.escape(begin)}.*?{re.escape(end)}",
        lambda _: f"{begin}\n\n{text}\n\n{end}",
        page,
        count=1,
        flags=re.DOTALL,
    )
    if not count:
        raise SharpError(f"the page has no {begin} with {end} behind it")
    return result


if __name__ == "__main__":
    main()
