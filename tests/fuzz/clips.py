"""Damages small clips of each container and enhances them in a process of its own, which may die of them.

Run as `python -m tests.fuzz.clips FIRST LAST FOLDER`: one line about each on stdout, as `read_many` has them.
"""

import faulthandler
import functools
import os
import random
import sys
import tempfile
import traceback
from fractions import Fraction
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.video.choice import chosen_coding
from sharpcli.video.clip import opened
from sharpcli.video.enhance import enhance_clip
from sharpcli_bicubic import Bicubic
from tests.fuzz.mutations import ANYWHERE
from tests.helpers.full_clips import CHAPTERS, full_clip

SECONDS = 30
B_FRAMES = {"bf": "2", "preset": "ultrafast"}
KINDS = {
    "a.mp4": {"options": B_FRAMES, "chapters": CHAPTERS, "texts": "mov_text", "cover": True},
    "b.mov": {"options": B_FRAMES, "sounds": ()},
    "c.mkv": {"options": B_FRAMES, "chapters": CHAPTERS, "texts": "subrip", "attachment": ("a", "font/ttf", b"a")},
    "d.webm": {"codec": "libvpx-vp9", "options": {"deadline": "realtime", "cpu-used": "8"}, "sounds": ()},
    "e.avi": {"time_base": Fraction(1, 25), "options": {"bf": "0"}, "sounds": (("mp3", "und"),)},
    "f.ts": {"options": B_FRAMES},
    "g.ts": {"codec": "mpeg2video", "time_base": Fraction(1, 25), "sounds": (("mp2", "und"),), "options": {"bf": "0"}},
    "h.avi": {"codec": "mpeg4", "time_base": Fraction(1, 25), "sounds": ()},
    "i.mkv": {"codec": "ffv1", "sounds": (("libopus", "und"),)},
    "j.mp4": {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": "log-level=none"}, "sounds": ()},
}


@functools.cache
def seeds():
    """The sound clips, by name."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: full_clip(Path(folder) / name, 8, size=(64, 48), **how).read_bytes() for name, how in KINDS.items()
        }


def mutated(number):
    """Name and bytes of the clip of that number."""
    rng = random.Random(number)
    name = rng.choice(sorted(seeds()))
    data = seeds()[name]
    for _ in range(rng.choice((1, 1, 2, 3))):
        data = rng.choice(ANYWHERE)(rng, data) if data else data
    if rng.random() < 0.05:
        name = name.split(".")[0] + rng.choice((".mp4", ".mkv", ".avi", ".ts"))
    return name, data


def verdict(path, target):
    """What came of one clip; an exception that is no SharpError passes through."""
    try:
        with opened(path) as clip:
            if clip.width * clip.height > 1 << 22:
                return "large"
            how = chosen_coding(clip.video.codec_context.codec.canonical_name, clip.pixel_format, path.suffix[1:])
        notes = enhance_clip(path, target, Bicubic(), how)
    except SharpError as error:
        assert str(error).isprintable() and str(error), f"a refusal of several lines or none: {str(error)!r}"
        assert [one.name for one in path.parent.iterdir()] == [path.name], "a part of a result is left"
        return f"refused: {error}"
    assert sorted(one.name for one in path.parent.iterdir()) == sorted((path.name, target.name)), "more is left"
    with opened(target):
        pass
    return f"noted: {'; '.join(notes)}" if notes else "done"


def main(first, last, folder):
    """One line for each number, begun before the clip is opened."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    complaints = os.fdopen(os.dup(2), "w", buffering=1)
    null = os.open(os.devnull, os.O_WRONLY)  # what FFmpeg says of damage
    os.dup2(null, 1)
    os.dup2(null, 2)
    for number in range(first, last):
        name, data = mutated(number)
        with tempfile.TemporaryDirectory(dir=folder) as own:
            path = Path(own) / name
            path.write_bytes(data)
            print(number, name, end=" ", file=out, flush=True)
            faulthandler.dump_traceback_later(SECONDS, exit=True, file=complaints)
            try:
                line = verdict(path, path.with_name(f"out{path.suffix}"))
            except BaseException:
                line = "FAILED " + " | ".join(traceback.format_exc().splitlines()[-7:])
            finally:
                faulthandler.cancel_dump_traceback_later()
        print(line, file=out, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
