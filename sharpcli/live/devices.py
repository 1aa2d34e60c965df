"""The cameras of this machine, real and virtual, by the names that its system has for them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from sharpcli.errors import SharpError
from sharpcli.video.clip import library

FORMATS = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}
"""FFmpeg's names of how cameras are read, by system."""
LOOPBACKS = Path("/sys/devices/virtual/video4linux")
"""Where Linux lists video devices that no hardware is behind."""
MODPROBE = 'sudo modprobe v4l2loopback exclusive_caps=1 card_label="sharpcli"'
NO_LOOPBACK = f"there is no virtual camera; make one with: {MODPROBE} (Debian's package is v4l2loopback-dkms)"


@dataclass(frozen=True)
class Device:
    """A camera: what it is opened by, and what it is called."""

    name: str
    label: str


def cameras() -> list[Device]:
    """Those that frames can be read from; none where the system's way to read them is not in this PyAV."""
    av = library()
    try:
        found = av.enumerate_input_devices(camera_format())
    except (ValueError, av.error.FFmpegError):
        return []
    # DirectShow and AVFoundation list microphones too.
    videos = [one for one in found if "video" in (getattr(one, "media_types", None) or ["video"])]
    return [Device(one.name, one.description) for one in videos]


def camera_format() -> str:
    """FFmpeg's name of how cameras are read here; raises SharpError on other systems."""
    for system, name in FORMATS.items():
        if sys.platform.startswith(system):
            return name
    raise SharpError(f"cameras cannot be read on {sys.platform}; give a file, an address or - instead")


def camera(named: str | None, found: list[Device]) -> Device | None:
    """The camera of that name, label or number, or the first; None where there is none such."""
    if named is None:
        return found[0] if found else None
    numbers = [f"/dev/video{named}", named] if named.isdecimal() else [named]
    exact = [one for one in found if one.name in numbers or one.label == named]
    return next(iter(exact or [one for one in found if named.lower() in one.label.lower()]), None)


def loopbacks(root: Path = LOOPBACKS) -> list[Device]:
    """The devices of v4l2loopback."""
    folders = sorted(root.glob("video*"), key=lambda one: (len(one.name), one.name))
    return [Device(f"/dev/{one.name}", (one / "name").read_text().strip()) for one in folders]
