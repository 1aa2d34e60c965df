"""Frames of video clips as originals. Needs PyAV."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from sharpcli.errors import SharpError

SUFFIXES = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"}
FRAMES = 6
"""Of each clip, evenly spread: neighbours are too alike to be worth their bytes."""
SMALLEST = 240
"""A frame is halved where its shorter side stays at least this long: clips were compressed before, and what that left
is mostly gone then."""
BLACK = 24
"""Level up to which a border is taken for a bar beside the picture."""
SET = "clips"


def clip_frames(clips: Path, folder: Path) -> dict[str, str]:
    """Write frames of the clips below `clips` to `folder`, without loss; each file's name and its clip's.

    Raises SharpError for a clip that cannot be read, and when there is none.
    """
    paths = sorted(path for path in clips.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise SharpError(f"{clips} has no clips; give a folder of {', '.join(sorted(SUFFIXES))} files")
    (folder / SET).mkdir()
    names = {}
    for path in paths:
        for number, image in enumerate(_frames(path)):
            file = f"{SET}/{path.stem}_{number}.png"
            image.save(folder / file, compress_level=1)
            names[file] = path.stem
    return names


def _frames(path: Path) -> list[Image.Image]:
    images: list[Image.Image] = []
    try:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            seconds = (container.duration or 0) / av.time_base
            for frame in container.decode(stream):
                if (frame.time or 0.0) >= (len(images) + 0.5) / FRAMES * seconds:
                    images.append(_original(Image.fromarray(frame.to_ndarray(format="rgb24"))))
                if len(images) == FRAMES:
                    break
    except (OSError, IndexError, av.FFmpegError) as error:
        raise SharpError(f"{path} cannot be read as a clip; mend or remove it") from error
    return images


def _original(image: Image.Image) -> Image.Image:
    """The picture without black bars, halved where it is large enough."""
    large = min(image.size) >= 2 * SMALLEST
    image = image.crop(image.convert("L").point(lambda level: 255 * (level > BLACK)).getbbox())
    return image.reduce(2) if large else image
