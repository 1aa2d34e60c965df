"""A virtual camera as a sink, which other programs choose as they choose a real one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sharpcli.errors import SharpError
from sharpcli.live.devices import LOOPBACKS, NO_LOOPBACK, camera, loopbacks
from sharpcli.live.sinks.given import Rate
from sharpcli.live.sinks.sink import Writer
from sharpcli.video.clip import library
from sharpcli.video.y4m import UNKNOWN_RATE

if TYPE_CHECKING:
    from av import VideoFrame

EXTRA = "a virtual camera needs the extra camera on this system; install it with: pip install 'sharpcli[camera]'"
PIXELS = "yuv420p"
"""What every program that shows a camera takes."""


class Loopback:
    """A device of v4l2loopback, written by FFmpeg's output `v4l2`; other `format`s are for tests."""

    patience: float | None = 1.0

    def __init__(self, device: str, rate: Rate, format: str = "v4l2") -> None:
        self.name = device
        self._rate, self._format = rate, format
        self._output: Any = None
        self._video: Any = None

    def write(self, frame: VideoFrame) -> None:
        """Show a frame; raises SharpError where the device does not take it."""
        av = library()
        try:
            if self._output is None:
                self._output = av.open(self.name, "w", format=self._format)
                self._video = self._output.add_stream("rawvideo", rate=self._rate() or UNKNOWN_RATE)
                self._video.width, self._video.height, self._video.pix_fmt = frame.width, frame.height, PIXELS
            shown = frame.reformat(format=PIXELS)
            shown.pts, shown.pict_type = None, 0
            self._output.mux(self._video.encode(shown))
        except (OSError, av.error.FFmpegError) as error:
            why = error.strerror or error
            raise SharpError(
                f"{self.name} takes no frames ({why}); is another program writing to it? {NO_LOOPBACK}"
            ) from error

    def close(self) -> None:
        """Let it go."""
        if self._output is not None:
            self._output.close()


class Registered:
    """A virtual camera that pyvirtualcam knows: OBS's on macOS and Windows, Unity Capture, or a registered backend."""

    patience: float | None = 1.0

    def __init__(self, device: str | None, rate: Rate) -> None:
        try:
            import pyvirtualcam
        except ImportError as error:
            raise SharpError(EXTRA) from error
        self.name = device or "virtual camera"
        self._library = pyvirtualcam
        self._device, self._rate = device, rate
        self._camera: Any = None

    def write(self, frame: VideoFrame) -> None:
        """Show a frame; raises SharpError where no virtual camera is installed or it does not take the frame."""
        try:
            if self._camera is None:
                rate = float(self._rate() or UNKNOWN_RATE)
                kind = self._library.PixelFormat.I420
                self._camera = self._library.Camera(
                    frame.width, frame.height, rate, fmt=kind, device=self._device, print_fps=False
                )
            self._camera.send(frame.reformat(format=PIXELS).to_ndarray().reshape(-1))
        except RuntimeError as error:
            why = "; ".join(str(error).splitlines())
            raise SharpError(
                f"no virtual camera takes the frames ({why}); install OBS Studio and start its virtual camera once"
            ) from error

    def close(self) -> None:
        """Let it go."""
        if self._camera is not None:
            self._camera.close()


def virtual_camera(named: str | None, rate: Rate, root: Path = LOOPBACKS) -> Writer:
    """The virtual camera of that name, or the first; raises SharpError, with what makes one, where there is none."""
    if not sys.platform.startswith("linux"):
        return Registered(named, rate)
    found = loopbacks(root)
    device = camera(named, found)
    if device is None:
        if found:
            names = ", ".join(f"{one.name} ({one.label})" for one in found)
            raise SharpError(f"no virtual camera is called {named}; there are {names}")
        raise SharpError(NO_LOOPBACK)
    return Loopback(device.name, rate)
