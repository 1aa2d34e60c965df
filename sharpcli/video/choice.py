"""Which encoder a clip's result gets: the one asked for, else the clip's own where the container holds its codec."""

from __future__ import annotations

from sharpcli.errors import SharpError
from sharpcli.video.clip import library
from sharpcli.video.coding import ENCODERS, Coding, coding

HOLDS = {
    "mp4": ("h264", "hevc", "av1", "vp9"),
    "m4v": ("h264", "hevc", "av1", "vp9"),
    "mov": ("h264", "hevc", "prores"),
    "mkv": ("h264", "hevc", "av1", "vp9", "vp8", "ffv1", "prores"),
    "webm": ("vp9", "vp8", "av1"),
    "avi": ("h264", "ffv1"),
    "ts": ("h264", "hevc"),
}
"""The codecs that each container is written with, by its files' ending; the first for clips of any other codec."""

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo")
SPEEDS = {
    "libx264": PRESETS,
    "libx265": PRESETS,
    "libsvtav1": tuple(map(str, range(14))),
}
"""The presets of the encoders that have any."""
WORST = {"libx264": 51, "libx265": 51, "libvpx": 63, "libvpx-vp9": 63, "libsvtav1": 63}
"""The largest --crf of the encoders that have one."""


def check_choice(codec: str | None, crf: int | None, preset: str | None) -> None:
    """Raise SharpError for what no clip can be encoded with, whatever its codec and container are."""
    if codec is not None:
        if codec not in ENCODERS:
            raise SharpError(f"--codec must be one of {', '.join(ENCODERS)}, not {codec!r}")
        _check(codec, crf, preset)
    elif preset is not None and not any(preset in names for names in SPEEDS.values()):
        raise SharpError(f"--preset must be one of {', '.join(PRESETS)}, or 0 to 13 for av1, not {preset!r}")


def chosen_coding(
    had: str,
    pixels: str,
    container: str,
    *,
    codec: str | None = None,
    crf: int | None = None,
    preset: str | None = None,
) -> Coding:
    """How a clip is encoded whose video had the codec `had` and pixels of the kind `pixels`, FFmpeg's names of both.

    `container` is the ending of its file. Raises SharpError, which says what would do instead.
    """
    held = [name for name in HOLDS[container] if _encodes(name, pixels)]
    if codec is None:
        if not held:
            raise SharpError(
                f"has pixels of the kind {pixels}, which no codec of a .{container} encodes; use --format mkv"
            )
        codec = had if had in held else held[0]
    elif codec not in HOLDS[container]:
        raise SharpError(
            f"--codec {codec} cannot be in a .{container}; use {_either(HOLDS[container])}, or --format mkv"
        )
    elif codec not in held:
        instead = f"; use {_either(held)}" if held else ""
        raise SharpError(f"has pixels of the kind {pixels}, which --codec {codec} does not encode{instead}")
    _check(codec, crf, preset)
    return coding(codec, crf, preset)


def _encodes(codec: str, pixels: str) -> bool:
    formats = library().Codec(ENCODERS[codec], "w").video_formats
    return formats is None or any(one.name == pixels for one in formats)


def _check(codec: str, crf: int | None, preset: str | None) -> None:
    encoder = ENCODERS[codec]
    if crf is not None and encoder not in WORST:
        raise SharpError(f"--crf is not for {codec}, which has no such quality; leave it out or use another --codec")
    if crf is not None and not 0 <= crf <= WORST[encoder]:
        raise SharpError(f"--crf must be between 0 and {WORST[encoder]} for {codec}, not {crf}")
    if preset is not None and encoder not in SPEEDS:
        raise SharpError(f"--preset is not for {codec}, which has none; leave it out or use another --codec")
    if preset is not None and preset not in SPEEDS[encoder]:
        names = SPEEDS[encoder]
        span = "0 to 13" if encoder == "libsvtav1" else ", ".join(names)
        raise SharpError(f"--preset must be {span} for {codec}, not {preset!r}")


def _either(names: list[str] | tuple[str, ...]) -> str:
    return " or ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
