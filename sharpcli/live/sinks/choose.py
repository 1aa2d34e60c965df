"""The sink that a user means by the words after `--to`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from sharpcli.errors import SharpError
from sharpcli.live.sinks.given import Rate
from sharpcli.live.sinks.pipe import Pipe, raw
from sharpcli.live.sinks.preview import Preview
from sharpcli.live.sinks.recording import Recording
from sharpcli.live.sinks.sink import Writer
from sharpcli.live.sinks.virtual import virtual_camera


def writer_called(text: str, rate: Rate, stdout: Callable[[], BinaryIO]) -> Writer:
    """`-`, `camera[:NAME]`, `preview[:PORT]`, a FIFO, a video device, or a file to record to; raises SharpError."""
    kind, _, named = text.partition(":")
    if text == "-":
        return Pipe(raw(stdout()), rate)
    if kind == "camera":
        return virtual_camera(named or None, rate)
    if kind == "preview":
        if named and not (named.isdecimal() and 0 < int(named) < 65536):
            raise SharpError(f"--to preview:{named} has no port from 1 to 65535; leave it out for a free one")
        return Preview(int(named or 0))
    path = Path(text)
    if path.is_fifo():
        return Pipe(path, rate)
    if path.is_char_device() or text.startswith("/dev/video"):
        return virtual_camera(text, rate)
    return Recording(path, rate)
