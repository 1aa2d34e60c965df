"""Scores enhancers on clips that went through a call: encoded small or at a low rate, decoded, and enlarged again.

python benchmarks/calls.py FOLDER CLIP... [-e NAME[:OPTION=VALUE,...]] [--call NAME]

FOLDER gets the originals, what the call made of them, and the results, all lossless, so that nothing but the enhancer
and the call is measured; then `sharpcli score` scores each folder. What is there already is not made again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from av import VideoFrame
from av.video.reformatter import Interpolation

ZERO_LATENCY = {"preset": "veryfast", "tune": "zerolatency"}
CALLS = {
    "same-28": (1, "libx264", 0, {"crf": "28", **ZERO_LATENCY}),
    "same-35": (1, "libx264", 0, {"crf": "35", **ZERO_LATENCY}),
    "half-23": (2, "libx264", 0, {"crf": "23", **ZERO_LATENCY}),
    "half-30": (2, "libx264", 0, {"crf": "30", **ZERO_LATENCY}),
    "half-vp8": (2, "libvpx", 300, {"deadline": "realtime", "cpu-used": "8"}),
    "third-26": (3, "libx264", 0, {"crf": "26", **ZERO_LATENCY}),
}
"""By how much the call shrinks, its encoder, kbit/s (0: as many as the quality takes), and the encoder's options."""
LOSSLESS = ("ffv1", 0, {})


def frames(path: Path, most: int | None = None) -> Iterator[VideoFrame]:
    """The frames of a clip, at most so many."""
    with av.open(str(path)) as clip:
        yield from islice(clip.decode(video=0), most)


def sized(clip: Iterable[VideoFrame], width: int, height: int, how: Interpolation) -> Iterator[VideoFrame]:
    """The frames in another size, 8 bits 4:2:0."""
    for frame in clip:
        yield frame.reformat(width, height, "yuv420p", interpolation=how)


def write(
    path: Path, clip: Iterable[VideoFrame], rate: Fraction, encoder: str, kbit: int, options: dict[str, str]
) -> None:
    """Encode frames at a constant rate; `kbit` a second, or what the options say for 0."""
    part = path.with_suffix(".part")
    with av.open(str(part), "w", format="matroska") as file:
        stream = None
        for number, frame in enumerate(clip):
            if stream is None:
                stream = file.add_stream(encoder, rate=rate, options=options)
                stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                if kbit:
                    stream.bit_rate = 1000 * kbit
            frame.pts, frame.time_base, frame.pict_type = number, 1 / rate, 0
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    part.rename(path)


def prepare(folder: Path, clip: Path, height: int, most: int | None) -> None:
    """The original at most `height` pixels on its shorter side, and what each call makes of it."""
    with av.open(str(clip)) as file:
        stream = file.streams.video[0]
        rate, width, tall = stream.average_rate, stream.width, stream.height
    scale = min(1, height / min(width, tall))
    sides = [round(side * scale) // 24 * 24 for side in (width, tall)]
    name = f"{clip.stem}.mkv"
    original = folder / "original" / name
    original.parent.mkdir(parents=True, exist_ok=True)
    if not original.exists():
        write(original, sized(frames(clip, most), *sides, Interpolation.LANCZOS), rate, *LOSSLESS)
    for call, (shrink, *how) in CALLS.items():
        target = folder / call / "input" / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        coded = folder / call / name
        small = [side // shrink for side in sides]
        write(coded, sized(frames(original), *small, Interpolation.AREA), rate, *how)
        write(target, sized(frames(coded), *sides, Interpolation.BILINEAR), rate, *LOSSLESS)
        coded.unlink()


def sharpcli(*words: object) -> None:
    """Print a command and run it."""
    print("$ sharpcli", *words, flush=True)
    subprocess.run([sys.executable, "-m", "sharpcli", *map(str, words)], check=True)


def main() -> None:
    """What the file's first lines say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("-e", "--enhancer", action="append")
    parser.add_argument("--call", action="append", choices=CALLS)
    parser.add_argument("--height", type=int, default=480)
    parser.add_argument("--frames", type=int, help="at most so many of each clip")
    given = parser.parse_args()
    for clip in given.clips:
        prepare(given.folder, clip, given.height, given.frames)
    for call in given.call or CALLS:
        for spec in given.enhancer or ["bicubic", "student-live", "student"]:
            name, _, options = spec.partition(":")
            before, out = given.folder / call / "input", given.folder / call / spec.replace(":", "-")
            chosen = [word for option in options.split(",") if option for word in ("-O", option)]
            sharpcli("enhance", before, "-o", out, "-e", name, *chosen, "--codec", "ffv1", "--workers", 1, "-q")
            report = ("--report", out.with_suffix(".json"))
            sharpcli("score", out, given.folder / "original", "--input", before, "--convention", "y", *report)


if __name__ == "__main__":
    main()
