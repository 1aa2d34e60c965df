"""A clip that comes through a pipe, or goes through one: frame by frame, nothing waits for its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sharpcli.errors import ImageError
from sharpcli.files.feed import Feed
from sharpcli.files.formats import begins
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video import y4m
from sharpcli.video.ahead import ahead
from sharpcli.video.coding import Coding
from sharpcli.video.consumer import Consumer
from sharpcli.video.containers import Choose, ContainerInput, ContainerOutput
from sharpcli.video.frames import FrameEnhancer, decide_by, enhanced
from sharpcli.video.y4m_stream import Y4mInput, Y4mOutput

if TYPE_CHECKING:
    from av import VideoFrame

RAW = Coding("rawvideo")


@dataclass(frozen=True)
class Passed:
    """What went through: frames, the sides of the results in pixels (width, height), and notes of what was left out."""

    frames: int
    size: tuple[int, int]
    notes: tuple[str, ...]


def enhance_stream(
    source: Feed | Path,
    target: Consumer | BinaryIO,
    enhancer: Enhancer,
    *,
    format: str,
    choose: Choose = lambda had, pixels: RAW,
    strength: float = 1.0,
    upscale: float = 1,
) -> Passed:
    """Read a clip, enhance its video and write it as `format`, FFmpeg's name of a container, or y4m.

    `choose` is asked how to encode, by FFmpeg's names of the input's codec and pixel format.

    What was whole before a failure has been written. Ends where the consumer goes. Raises ImageError, OSError.
    """
    given = input_of(source)
    made: Y4mOutput | ContainerOutput = (
        Y4mOutput(given, target) if format == "y4m" else ContainerOutput(given, target, format, choose)
    )
    count, size = 0, (0, 0)
    with closing(given), closing(ahead(given.frames(), stop=given.stop)) as frames:
        chosen, all_frames = _decided(frames, enhancer, upscale)
        waiting = enhanced(all_frames, FrameEnhancer(chosen, strength, upscale=upscale))
        with closing(ahead(waiting, stop=given.stop)) as results, closing(made):
            for frame in results:
                made.write(frame)
                count, size = count + 1, (frame.width, frame.height)
                if isinstance(target, Consumer):
                    target.check()
                    if target.gone:
                        break
        if isinstance(target, Consumer):
            target.check()
    return Passed(count, size, tuple(made.notes))


def input_of(source: Feed | Path) -> Y4mInput | ContainerInput:
    """The frames of a file or of a pipe, whichever container they come in."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(len(b"YUV4MPEG2 "))
        return Y4mInput(Feed(source.open("rb", buffering=0))) if begins(y4m.BEGINS, head) else ContainerInput(source)
    return (Y4mInput if begins(y4m.BEGINS, source.head(len(b"YUV4MPEG2 "))) else ContainerInput)(source)


def _decided(frames: Iterator[VideoFrame], enhancer: Enhancer, upscale: float) -> tuple[Enhancer, Iterator[VideoFrame]]:
    """The enhancer for all frames, as the first ones ask for, and the frames from the start; see `decide`."""
    seen: list[VideoFrame] = []
    trouble: list[ImageError] = []

    def noted() -> Iterator[VideoFrame]:
        try:
            for frame in frames:
                seen.append(frame)
                yield frame
        except ImageError as error:  # what came before it is whole
            trouble.append(error)

    def again() -> Iterator[VideoFrame]:
        yield from seen
        seen.clear()
        yield from frames
        for error in trouble:
            raise error

    try:
        return decide_by(noted(), enhancer, upscale), again()
    except ImageError as error:
        raise trouble[0] if trouble else error from None
