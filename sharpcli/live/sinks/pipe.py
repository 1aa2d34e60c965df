"""A pipe as a sink: y4m, to standard output or to a FIFO."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sharpcli.files.names import shown
from sharpcli.live.sinks.given import Given, Rate
from sharpcli.video.y4m_stream import Y4mOutput

if TYPE_CHECKING:
    from av import VideoFrame


class Pipe:
    """Writes whole frames; a FIFO is opened when somebody reads it.

    `target` is unbuffered, if its system has such: a lock that is held while a reader sleeps would hold up the end of
    the program.
    """

    patience: float | None = 1.0

    def __init__(self, target: BinaryIO | Path, rate: Rate) -> None:
        self.name = shown(target) if isinstance(target, Path) else "standard output"
        self._file = _Whole(target)
        self._given = Given(rate)
        self._output = Y4mOutput(self._given, self._file)

    def write(self, frame: VideoFrame) -> None:
        """Write a frame; raises EOFError where the reader has left."""
        self._given.add(frame)
        self._output.write(frame)

    def close(self) -> None:
        """Close it."""
        self._file.close()


class _Whole:
    """A pipe's end that is opened when it is needed, and takes all bytes that it is given."""

    def __init__(self, target: BinaryIO | Path) -> None:
        self._target = target
        self._file: BinaryIO | None = None

    def close(self) -> None:
        if self._file is not None and isinstance(self._target, Path):
            self._file.close()

    def write(self, data: bytes) -> int:
        """Raise EOFError where the reader has left."""
        if self._file is None:
            self._file = self._target.open("wb", buffering=0) if isinstance(self._target, Path) else self._target
        left = memoryview(data)
        try:
            while left:
                written = self._file.write(left)
                left = left[written or 0 :]
                if not written:  # a pipe that does not block is full
                    time.sleep(0.001)
            self._file.flush()
        except (BrokenPipeError, ValueError) as error:  # a file of Python's own raises the latter when it is closed
            raise EOFError from error
        return len(data)


def raw(file: BinaryIO) -> BinaryIO:
    """The same without a buffer, where it has a descriptor."""
    try:
        return os.fdopen(os.dup(file.fileno()), "wb", buffering=0)
    except (OSError, ValueError, AttributeError):
        return file
