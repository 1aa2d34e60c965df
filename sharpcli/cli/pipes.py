"""`enhance` on a clip that comes from standard input or goes to standard output."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click

from sharpcli.batch.executors import LOCAL
from sharpcli.cli import stdout
from sharpcli.cli.stderr import say
from sharpcli.cli.stdin import standard_input
from sharpcli.cli.streams import STREAM
from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.files.clips import container_of
from sharpcli.files.feed import Feed
from sharpcli.files.formats import HEAD, ending_of
from sharpcli.files.names import shown
from sharpcli.files.paths import first_bytes
from sharpcli.pipeline.guard import for_this_machine
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.choice import chosen_coding
from sharpcli.video.coding import coding
from sharpcli.video.consumer import Consumer
from sharpcli.video.containers import Choose
from sharpcli.video.pipe import RAW, Passed, enhance_stream

STREAMED = {"y4m": "y4m", "nut": "nut", "mkv": "matroska", "webm": "webm", "ts": "mpegts"}
"""FFmpeg's names of the formats, by the endings that a user chooses them by, that can be written without seeking."""
WRITTEN = {**STREAMED, "mp4": "mp4", "m4v": "mp4", "mov": "mov", "avi": "avi"}
"""Those of files."""


@dataclass(frozen=True)
class Pipe:
    """A clip on its way: from standard input or a file, to standard output (None) or a file."""

    source: Feed | Path
    name: str
    out: Path | None
    kind: str
    """The ending of what its container is called."""

    def format(self, chosen: str | None) -> str:
        """The ending that says how it is written; raises SharpError."""
        own = "y4m" if self.kind == "y4m" else "nut"
        ending = (ending_of(self.out) if self.out else own) if chosen is None else chosen
        known = WRITTEN if self.out else STREAMED
        if ending not in known:
            where = "to a file" if self.out else "to standard output"
            raise SharpError(f"a clip is not written {where} as {ending or 'a name says'}; use {_list(known)}")
        return ending


def clip_in_a_pipe(inputs: Sequence[Path], out: Path | None) -> Pipe | None:
    """The clip that a command line speaks of, if it has a stream at either end; None where that is an image's.

    Raises SharpError where it cannot be.
    """
    if len(inputs) != 1:
        return None
    (given,) = inputs
    source: Feed | Path = given
    if given is STREAM:
        source = standard_input()
        head = source.head(HEAD)
    elif out is STREAM and given.is_file():
        head = first_bytes(given)
    else:
        return None
    if not (kind := container_of(head)):
        return None
    to_file = None if out is STREAM else out  # without --out, what came from a stream goes to one
    if to_file and to_file.is_dir():
        raise SharpError(
            f"a clip from standard input goes to one file; name it, as in --out {shown(to_file / 'clip.mkv')}"
        )
    output = stdout.stream()
    if to_file is None and output is not None and output.isatty():
        raise SharpError("a clip is not written to a terminal; pipe it on, add > FILE, or name a file with --out")
    return Pipe(source, "stdin" if given is STREAM else shown(given), to_file, kind)


def run_pipe(
    pipe: Pipe,
    enhancer: Enhancer,
    strength: float,
    upscale: float,
    *,
    format: str | None,
    codec: str | None = None,
    crf: int | None = None,
    preset: str | None = None,
    quiet: bool = False,
    as_json: bool = False,
    dry_run: bool = False,
    on_existing: str = "skip",
    executor: str = LOCAL,
    **others: Any,
) -> None:
    """Send it through, and say what became of it on standard error; exit 1 where it failed."""
    _refuse(executor, others)
    ending = pipe.format(format)
    target = shown(pipe.out) if pipe.out else "standard output"
    if dry_run:
        say(f"{pipe.name} -> {target}")
        return
    if pipe.out and pipe.out.exists() and on_existing != "overwrite":
        say(f"{'skipped' if on_existing == 'skip' else 'failed'}: {target} exists; --on-existing overwrite replaces it")
        raise click.exceptions.Exit(0 if on_existing == "skip" else 1)
    began = time.monotonic()
    try:
        with _target(pipe.out) as file:
            done = enhance_stream(
                pipe.source,
                file,
                for_this_machine(enhancer),
                format=WRITTEN[ending],
                choose=_choice(ending, codec, crf, preset),
                strength=strength,
                upscale=upscale,
            )
    except (SharpError, OSError) as error:
        reason = (
            str(error) if isinstance(error, SharpError) else f"cannot be read or written ({error.strerror or error})"
        )
        say(f"failed: {pipe.name}: {reason}")
        raise click.exceptions.Exit(1) from None
    _tell(pipe, target, done, time.monotonic() - began, quiet, as_json)


def _choice(ending: str, codec: str | None, crf: int | None, preset: str | None) -> Choose:
    """How the video is encoded: raw where programs exchange it, unless a codec is chosen, else as in a file."""
    if ending == "y4m" and (codec or crf is not None or preset):
        raise SharpError("y4m holds raw video only; leave out --codec, --crf and --preset, or use --format nut")
    if ending != "nut":
        return partial(chosen_coding, container=ending, codec=codec, crf=crf, preset=preset)
    if codec:
        return lambda had, pixels: coding(codec, crf, preset)
    return lambda had, pixels: RAW


def _refuse(executor: str, others: dict[str, Any]) -> None:
    if executor != LOCAL:
        raise SharpError("standard input and output need --executor local, since no other machine has them")
    for name, why in (("report", "lists files"), ("quality", "is for images"), ("strip", "is for files")):
        if others.get(name):
            raise SharpError(f"--{name} {why}, and a clip goes through a pipe here; leave it out")


@contextmanager
def _target(out: Path | None) -> Iterator[Consumer | BinaryIO]:
    if out is not None:
        with whole_file(out) as file:
            yield file
        return
    with stdout.for_a_reader() as output:
        consumer = Consumer(output)
        yield consumer
        if consumer.gone:
            stdout.leave(output)


def _tell(pipe: Pipe, target: str, done: Passed, seconds: float, quiet: bool, as_json: bool) -> None:
    if as_json:
        row = {
            "path": pipe.name,
            "output": target,
            "status": "done",
            "frames": done.frames,
            "seconds": round(seconds, 2),
        }
        say(json.dumps({**row, "reason": "; ".join(done.notes), "out_size": done.size}))
    elif not quiet:
        notes = f" ({'; '.join(done.notes)})" if done.notes else ""
        rate = f", {done.frames / seconds:.1f} frames/s" if seconds else ""
        frames = f"{done.frames} frame{'s' * (done.frames != 1)} of {{}}x{{}}".format(*done.size)
        say(f"done {pipe.name} -> {target}: {frames} in {seconds:.2f} s{rate}{notes}")


def _list(endings: dict[str, str]) -> str:
    *most, last = endings
    return f"{', '.join(most)} or {last}"
