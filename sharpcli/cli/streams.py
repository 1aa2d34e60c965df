"""Standard input and output in the place of image files: `-` on the command line."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sharpcli.batch.executors import LOCAL
from sharpcli.cli import stderr, stdout
from sharpcli.cli.stdin import standard_input
from sharpcli.errors import SharpError
from sharpcli.files.clips import container_of
from sharpcli.files.formats import HEAD, ending_of, format_called, format_of
from sharpcli.files.names import without_base
from sharpcli.files.paths import first_bytes, names_folder
from sharpcli.files.remote import fetched, location

STREAM = Path("-")
"""This very object; `./-`, which pathlib takes for the same path, is a file of that name."""


def place(text: str) -> Path:
    """STREAM for `-`, else what `location` makes of it; raises SharpError."""
    return STREAM if text == "-" else location(text)


@dataclass(frozen=True)
class Streams:
    """The inputs and the output of a command, with files in `folder` that stand in for streams, if there are any."""

    inputs: tuple[Path, ...]
    out: Path | None
    folder: Path | None = None
    to_stdout: bool = False

    def say(self, line: str) -> None:
        """Print a line to standard error, in which those files are named `stdin` and `stdout`."""
        stderr.say(without_base(self.folder, line))

    def tell(self, line: str) -> None:
        """Print a line to standard output, or to standard error where an image goes to standard output."""
        if self.to_stdout:
            self.say(line)
        else:
            stdout.echo(without_base(self.folder, line))

    def pour(self, target: Path) -> None:
        """Write a file to standard output, as far as somebody reads it; raises OSError."""
        with target.open("rb") as file, stdout.for_a_reader() as output:
            shutil.copyfileobj(file, output)


@contextmanager
def streams(inputs: Sequence[Path], out: Path | None, format: str | None, where: str) -> Iterator[Streams]:
    """The inputs and output of a command, as files; what came from standard input lies in one that passes away.

    Without `out`, the image from standard input goes to standard output, in its own format unless `format` is given.
    Raises SharpError for what cannot be: several images on standard output, an image on a terminal.
    """
    reads = sum(source is STREAM for source in inputs)
    to_stdout = out is STREAM or (out is None and reads > 0)
    if not (reads or to_stdout):
        yield Streams(tuple(inputs), out)
        return
    if reads > 1:
        raise SharpError("standard input was named twice; it holds a single image")
    if where != LOCAL:
        raise SharpError("standard input and output need --executor local, since no other machine has them")
    if to_stdout:
        _check_output(inputs)
    with tempfile.TemporaryDirectory(prefix="sharpcli-") as made:
        folder = Path(made)
        given = tuple(_received(folder) if source is STREAM else source for source in inputs)
        out = folder / f"stdout.{format or _own_ending(given[0])}" if to_stdout else out
        yield Streams(given, out, folder, to_stdout)


def _check_output(inputs: Sequence[Path]) -> None:
    if len(inputs) != 1 or (inputs[0] is not STREAM and names_folder(inputs[0])):
        raise SharpError("standard output takes one image; give a single input file, or a folder with --out")
    output = stdout.stream()
    if output is not None and output.isatty():
        raise SharpError("an image is not written to a terminal; add > FILE, or name a file with --out")


def _received(folder: Path) -> Path:
    """A file in the folder of what standard input holds, with the ending of its format."""
    feed = standard_input()
    if container_of(feed.head(HEAD)):
        raise SharpError("standard input holds a clip, which only enhance takes, as its single input")
    path = folder / "stdin"
    with path.open("wb") as file:
        while data := feed.read():
            file.write(data)
    if (format := format_of(first_bytes(path))) is None:
        return path
    return path.rename(path.with_suffix(f".{format.endings[0]}"))


def _own_ending(source: Path) -> str:
    """The ending of an input's format; any, where it is of none, which will be said when it is read."""
    if format_called(source):
        return ending_of(source)
    try:
        with fetched(source) as file:
            format = format_of(first_bytes(file))
    except (SharpError, OSError):
        format = None
    return format.endings[0] if format else "png"
