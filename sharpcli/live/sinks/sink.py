"""What takes live frames at its own pace: who reads slowly, or not at all, gets the newest frame, never a queue."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Protocol

from sharpcli.live.slot import Slot

if TYPE_CHECKING:
    from av import VideoFrame


class Writer(Protocol):
    """Writes frame after frame, as slowly as it must; `name` is how it is spoken of.

    `patience` is how many seconds it may take to end; None for as long as it needs.
    """

    name: str
    patience: float | None

    def write(self, frame: VideoFrame) -> None:
        """Raises OSError and SharpError; EOFError where nobody will read any more, which is no failure."""

    def close(self) -> None:
        """Write what is held back; raises as `write`."""


class Sink:
    """Hands frames to a writer in a thread of its own; a frame that it was too slow for gives way to the next.

    `gone` says that nobody reads any more; `dropped` counts the frames that gave way.
    """

    def __init__(self, writer: Writer) -> None:
        self.name = writer.name
        self.gone = False
        self._writer = writer
        self._slot: Slot[VideoFrame] = Slot()
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Frames that gave way so far."""
        return self._slot.dropped

    def write(self, frame: VideoFrame) -> bool:
        """Take a frame, which nobody may change any more, and return at once whether anybody reads.

        Raises what came up since the last.
        """
        self._check()
        self._slot.put(frame)
        return not self.gone

    def close(self) -> None:
        """End it, after the frame that it holds; a reader that has stopped is not waited for. Raises as `write`."""
        self._slot.close()
        self._thread.join(self._writer.patience)
        self._check()

    def _check(self) -> None:
        if self._trouble:
            raise self._trouble

    def _work(self) -> None:
        try:
            while (frame := self._slot.take()) is not None:
                self._writer.write(frame)
        except EOFError:
            self.gone = True
        except BaseException as error:  # raised again where frames are handed over
            self._trouble = error
        try:
            self._writer.close()
        except EOFError:
            self.gone = True
        except BaseException as error:
            self._trouble = self._trouble or error
