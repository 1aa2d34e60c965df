"""Where a stream goes: a program that may have seen enough at any moment, which is no failure."""

from __future__ import annotations

from typing import BinaryIO


class Consumer:
    """Takes bytes and sends them on at once; `gone` says that nobody reads them any more.

    FFmpeg, which calls `write`, loses exceptions on the way; `check` raises what came up.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.gone = False
        self._file = file
        self._trouble: BaseException | None = None

    def write(self, data: bytes) -> int:
        """Send them, unless that failed before."""
        if not (self.gone or self._trouble):
            try:
                self._file.write(data)
                self._file.flush()
            except BrokenPipeError:
                self.gone = True
            except (OSError, KeyboardInterrupt) as error:
                self._trouble = error
        return len(data)

    def check(self) -> None:
        """Raise OSError, such as of a full disk, or KeyboardInterrupt."""
        if self._trouble:
            raise self._trouble
