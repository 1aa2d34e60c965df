"""A file as a sink: a recording, under its own name from the first frame on, that a killed program leaves readable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sharpcli.errors import SharpError
from sharpcli.files.clips import WRITTEN
from sharpcli.files.formats import ending_of
from sharpcli.files.names import shown
from sharpcli.live.sinks.given import Given, Rate
from sharpcli.video.choice import chosen_coding
from sharpcli.video.coding import Coding
from sharpcli.video.containers import ContainerOutput

if TYPE_CHECKING:
    from av import VideoFrame

FORMATS = {**{ending: ending for ending in WRITTEN}, "mkv": "matroska", "ts": "mpegts"}
"""FFmpeg's names by ending."""


class Recording:
    """Encodes frames at the moments at which they came."""

    patience: float | None = None

    def __init__(self, path: Path, rate: Rate) -> None:
        """Raise SharpError for a file that is there, or that is called like no container."""
        self.name = shown(path)
        self._ending = ending_of(path)
        if self._ending not in FORMATS:
            raise SharpError(f"a recording is not written as {self.name}; use {', '.join(FORMATS)}")
        try:
            self._file: BinaryIO = path.open("xb")
        except FileExistsError:
            raise SharpError(f"{self.name} exists; remove it or choose another name") from None
        except OSError as error:
            raise SharpError(f"{self.name} cannot be written ({error.strerror})") from error
        self._path = path
        self._given = Given(rate)
        self._output = ContainerOutput(self._given, self._file, FORMATS[self._ending], self._chosen)
        self._begin = self._last = -1

    def write(self, frame: VideoFrame) -> None:
        """Encode a frame; where the source counts anew, as after a reconnect, it comes right after the last."""
        self._begin = (frame.pts or 0) if self._begin < 0 else self._begin
        self._last = max((frame.pts or 0) - self._begin, self._last + 1)
        frame.pts, frame.pict_type = self._last, 0
        self._given.add(frame)
        self._output.write(frame)

    def close(self) -> None:
        """End the file; what holds no frame is removed."""
        self._output.close()
        self._file.close()
        if self._begin < 0:
            self._path.unlink(missing_ok=True)

    def _chosen(self, had: str, pixels: str) -> Coding:
        how = chosen_coding(had, pixels, self._ending)
        return Coding(how.encoder, {**how.options, "preset": "ultrafast"}) if how.encoder == "libx264" else how
