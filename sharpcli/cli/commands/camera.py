"""`sharpcli camera`: a camera or a stream, enhanced while it runs."""

from __future__ import annotations

import re
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from sharpcli.cli import stdout
from sharpcli.cli.commands.enhance import parsed
from sharpcli.cli.numbers import Number
from sharpcli.cli.options import strength_option
from sharpcli.cli.stderr import say
from sharpcli.cli.stdin import standard_input
from sharpcli.errors import ImageError, SharpError
from sharpcli.files.names import shown
from sharpcli.live.devices import NO_LOOPBACK, cameras, loopbacks
from sharpcli.live.governor import Governor
from sharpcli.live.profile import for_calls
from sharpcli.live.run import run, warm
from sharpcli.live.sinks.choose import writer_called
from sharpcli.live.sinks.sink import Sink, Writer
from sharpcli.live.sources import Source, Wish, source_called
from sharpcli.live.status import Figures
from sharpcli.live.steps import Step, ladder
from sharpcli.pipeline.guard import for_this_machine
from sharpcli.video.y4m import UNKNOWN_RATE

if TYPE_CHECKING:
    from av import VideoFrame

LEAVE = 2.0
"""Seconds in which a source that was stopped should have noticed."""


class Size(click.ParamType):  # type: ignore[type-arg,unused-ignore]  # generic in some versions of click only
    """Width and height in pixels."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """The two numbers of a text like 1280x720."""
        found = re.fullmatch(r"([1-9]\d{1,4})x([1-9]\d{1,4})", str(value))
        if not found:
            self.fail(f"{value!r} is no size; use one like 1280x720.", param, ctx)
        return int(found[1]), int(found[2])


@click.command(cls=stdout.Command)
@click.argument("source", required=False)
@click.option(
    "--to",
    "sink",
    metavar="SINK",
    help="camera[:NAME] for a virtual camera, preview[:PORT] for a page of its own, - for a pipe (y4m), or a file.",
)
@click.option("--list", "listing", is_flag=True, help="List cameras and virtual cameras.")
@click.option("-e", "--enhancer", metavar="NAME", default="student", show_default=True, help="The best one to use.")
@click.option(
    "-O",
    "--option",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set an option of the enhancer. Can be repeated.  [default: the profile for calls]",
)
@strength_option
@click.option("--size", metavar="WxH", type=Size(), help="Size to ask the camera for, such as 1280x720.")
@click.option("--rate", metavar="N", type=Number(1, 240), help="Frames a second to ask the camera for.")
@click.option(
    "--cpu",
    metavar="0-1",
    type=Number(0.05, 1),
    default=0.5,
    show_default=True,
    help="Share of the processor's cores to stay within, by lighter enhancers where need be.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print only failures.")
def command(
    source: str | None,
    sink: str | None,
    listing: bool,
    enhancer: str,
    settings: tuple[str, ...],
    strength: float,
    size: tuple[int, int] | None,
    rate: float | None,
    cpu: float,
    quiet: bool,
) -> None:
    """Sharpen a camera or a stream while it runs, for video calls.

    SOURCE is a camera's name or number, an address (rtsp, udp, ...), a file, which plays at its own pace, or - for a
    y4m pipe; without it, the first camera. No frame waits: where one is late, the newest takes its place. Press Ctrl-C
    to end it. The extra `video` is needed.
    """
    if listing:
        _list()
        return
    if sink is None:
        raise SharpError("name where it goes with --to: camera, preview, - or a file")
    best = for_this_machine(for_calls(enhancer, parsed(settings)))
    given = source_called(source, Wish(size, rate), standard_input() if source == "-" else None)
    writer = writer_called(sink, lambda: given.rate, _output)
    if not quiet:
        say(f"{given.name} -> {writer.name} (press Ctrl-C to stop)")
    told = _Told(quiet)
    try:
        _run(given, writer, ladder(best, strength=strength), cpu, told)
    except (SharpError, OSError) as error:
        why = str(error) if isinstance(error, SharpError) else f"cannot be read or written ({error.strerror or error})"
        told.end()
        say(f"failed: {given.name}: {why}")
        raise click.exceptions.Exit(1) from None
    told.end()


def _run(source: Source, writer: Writer, steps: Sequence[Step], cpu: float, told: _Told) -> None:
    """Do it until it ends, or until it is told to: by Ctrl-C or SIGTERM, after which a recording is whole."""
    over = threading.Event()

    def stop() -> None:
        over.set()
        source.stop()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop())
    sink = Sink(writer)
    frames = source.frames()
    try:
        with suppress(KeyboardInterrupt):
            first = next(frames, None)
            if first is None:
                raise ImageError("sent no frame")
            governor = Governor(steps, cpu, float(1 / (source.rate or UNKNOWN_RATE)), tell=told.say)
            warm(governor, first)
            told(
                run(_with(first, frames), sink, governor, lambda figures: told(figures, sink.dropped), over),
                sink.dropped,
            )
    finally:
        stop()
        source.ended.wait(LEAVE)
        sink.close()


def _with(first: VideoFrame, others: Generator[VideoFrame]) -> Iterator[VideoFrame]:
    with closing(others):
        yield first
        yield from others


class _Told:
    """The line of status on standard error: kept up to date on a terminal, elsewhere only what changed and why."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._begin = "\r\x1b[K" if sys.stderr and sys.stderr.isatty() else ""
        self._last = self._found = ""

    def __call__(self, figures: Figures, more: int) -> None:
        """Note the figures, with `more` frames that were dropped behind the enhancer."""
        self._last = replace(figures, dropped=figures.dropped + more).line()
        if figures.found and figures.found != self._found:
            self._found = figures.found
            self.say(f"{figures.step}: {figures.found}")
        if self._begin and not self._quiet:
            click.echo(self._begin + self._last, err=True, nl=False)

    def say(self, sentence: str) -> None:
        """Say something in a line of its own."""
        if not self._quiet:
            click.echo(self._begin, err=True, nl=False)
            say(sentence)

    def end(self) -> None:
        """Say what it came to."""
        if self._last:
            self.say(f"done: {self._last}")


def _output() -> BinaryIO:
    output = stdout.binary()
    if output is None:
        raise SharpError("standard output is closed; pipe it on, or choose another --to")
    if output.isatty():
        raise SharpError("a clip is not written to a terminal; pipe it on, or choose another --to")
    return output


def _list() -> None:
    found, virtual = cameras(), loopbacks()
    for one in found:
        stdout.echo(shown(f"{one.name}: {one.label}"))
    for one in virtual:
        stdout.echo(shown(f"{one.name}: {one.label} (virtual, for --to camera)"))
    if not found:
        say("no camera was found")
    if not virtual and sys.platform.startswith("linux"):
        say(NO_LOOPBACK)
