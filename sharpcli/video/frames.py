"""The frames of a clip, decoded in order and enhanced; chroma, times and all side data stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from sharpcli.errors import ImageError
from sharpcli.image.image import Image
from sharpcli.pipeline.decision import FRAMES_LOOKED_AT, shows_something
from sharpcli.pipeline.guard import for_frames, for_stream
from sharpcli.pipeline.run import sharpen
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.clip import Clip, in_words, opened
from sharpcli.video.enlarge import enlarged_frame
from sharpcli.video.interlaced import fields
from sharpcli.video.moments import shown
from sharpcli.video.picture import Picture
from sharpcli.video.static import Function, Static

if TYPE_CHECKING:
    from av import Packet, VideoFrame
    from av.video.stream import VideoStream


def decoded(clip: Clip, packets: Iterable[Packet[VideoStream]] | None = None) -> Iterator[VideoFrame]:
    """The frames in the order in which they are shown.

    `packets` are those of its video where somebody else reads the file, who wants the others as well. Raises
    ImageError where a frame is damaged or of another kind.
    """
    if packets is None:
        clip.video.thread_type = "AUTO"
    last: int | None = None
    with in_words():
        for frame in shown(clip, packets):
            at = f"at {frame.time:.2f} s" if frame.time is not None else "somewhere"
            if frame.is_corrupt:
                raise ImageError(f"is damaged {at}")
            if (frame.width, frame.height, frame.format.name) != (clip.width, clip.height, clip.pixel_format):
                raise ImageError(f"changes its size or its pixel format {at}; split it there")
            if frame.pts is None:
                raise ImageError("has frames without timestamps; remux it first")
            if last is not None and frame.pts <= last:
                raise ImageError(f"has timestamps that go back {at}; remux it first")
            last = frame.pts
            yield frame


def decide(path: Path, enhancer: Enhancer, upscale: float = 1) -> Enhancer:
    """The enhancer to run on every frame of a clip, as its bit rate and its first frame that shows something ask for.

    One for the whole clip: what changes its mind from frame to frame flickers. Raises ImageError.
    """
    with opened(path) as clip:
        if (bits := clip.bits_per_pixel) is not None:
            enhancer = for_stream(enhancer, bits)
        return decide_by(decoded(clip), enhancer, upscale)


def decide_by(frames: Iterable[VideoFrame], enhancer: Enhancer, upscale: float = 1) -> Enhancer:
    """The same by frames that were decoded, of which no more are taken than are looked at."""
    best: NDArray[Any] | None = None
    for frame in islice(frames, FRAMES_LOOKED_AT):
        wanted = frame if upscale == 1 else enlarged_frame(frame, upscale)
        best = Picture.of(wanted, fields(wanted)[0], enhancer).pixels
        if shows_something(best):
            break
    if best is None:
        raise ImageError("holds no frame that can be decoded")
    return for_frames(enhancer, best)


class FrameEnhancer:
    """Enlarges frames and changes their luma, or their R, G and B, by an enhancer that `decide` returned.

    What stands still is not enhanced anew, unless `reuse` is off, which changes nothing but the time; `parts` is what
    decides on that. `tile` is as in `sharpen`. Fields of interlaced frames are enhanced each on its own.
    """

    def __init__(
        self,
        enhancer: Enhancer,
        strength: float = 1.0,
        tile: int | None = None,
        upscale: float = 1,
        reuse: bool = True,
        parts: Callable[[Function, int | None, int], Function] = Static,
    ) -> None:
        self.enhancer, self.strength, self.tile, self.upscale = enhancer, strength, tile, upscale
        self._functions: list[Function] = [
            parts(self._sharpened, enhancer.receptive_radius, enhancer.tile_multiple) if reuse else self._sharpened
            for _ in range(2)
        ]

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame enhanced, in place where it keeps its size; raises ImageError, SharpError."""
        if self.upscale == 1:
            frame.make_writable()  # the decoder may still predict from it
        else:
            frame = enlarged_frame(frame, self.upscale)
        if self.strength != 0:
            for rows, function in zip(fields(frame), self._functions, strict=False):
                picture = Picture.of(frame, rows, self.enhancer)
                picture.put(function(picture.pixels))
        return frame

    def pixels(self, pixels: NDArray[Any]) -> NDArray[Any]:
        """The same for the H x W x C pixels of a frame of whole pictures, for who has no `VideoFrame`; not enlarged."""
        return pixels if self.strength == 0 else self._functions[0](pixels)

    def _sharpened(self, pixels: NDArray[Any]) -> NDArray[Any]:
        image = Image(pixels, "L" if pixels.shape[2] == 1 else "RGB")
        return sharpen(image, self.enhancer, strength=self.strength, tile=self.tile, decided=True).pixels


def enhanced(frames: Iterable[VideoFrame], enhance: FrameEnhancer) -> Iterator[VideoFrame]:
    """Each frame enhanced, ready for an encoder, which chooses the kinds of frames anew."""
    for frame in frames:
        result = enhance(frame)
        result.pict_type = 0
        yield result
