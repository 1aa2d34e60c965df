"""What is tried on the frames of a call: enhancers, and filters of FFmpeg's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import av
from av import VideoFrame

from calling.line import numbered
from sharpcli.pipeline.guard import for_stream
from sharpcli.pipeline.spec import EnhancerSpec
from sharpcli.plugin.registry import load_registry
from sharpcli.plugin.sources import of_file
from sharpcli.video.frames import FrameEnhancer, decide_by
from sharpcli.video.planes import plane

Method = Callable[[Sequence[VideoFrame], float | None], Iterator[VideoFrame]]
"""Of frames, and the bits that a pixel of their stream took, where there is one; no frame given is changed."""
FILTERS = {"cas": "planes=1"}
"""Luma alone, since nothing else is scored; all else as FFmpeg has it by default."""
UNSHARP = Path(__file__).parents[2] / "plugins" / "examples" / "sharpcli-unsharp" / "sharpcli_unsharp.py"
NETWORKS, PROFILES = ("student-live", "student"), ("photo", "call")
DEFAULT = "student:profile=auto"
"""What `enhance` runs where nothing is asked for."""


def chosen(texts: Iterable[str]) -> dict[str, Method]:
    """By their labels; raises SharpError for a name that is neither an enhancer's nor a filter's."""
    if "unsharp" not in load_registry().found:
        load_registry().add(of_file(UNSHARP))
    return dict(map(method, texts))


def usual() -> list[str]:
    """The default, both networks for video with the profiles that they have weights of, and what others do."""
    found = load_registry().found
    profiles = {
        name: next(one.choices for one in found[name].enhancer.options() if one.name == "profile") for name in NETWORKS
    }
    networks = [f"{name}:profile={one}" for one in PROFILES for name in NETWORKS if one in profiles[name]]
    return [DEFAULT, *networks, "unsharp", *FILTERS]


def method(text: str) -> tuple[str, Method]:
    """Label and method of an enhancer, `NAME:OPTION=VALUE`, or of a filter."""
    if text in FILTERS:
        return text, partial(filtered, text, FILTERS[text])
    spec = EnhancerSpec.parse(text)
    enhancer = spec.create()

    def enhanced(frames: Sequence[VideoFrame], bits_per_pixel: float | None) -> Iterator[VideoFrame]:
        told = enhancer if bits_per_pixel is None else for_stream(enhancer, bits_per_pixel)
        enhance = FrameEnhancer(decide_by(frames, told))
        return (enhance(copied(frame)) for frame in frames)

    return spec.label, enhanced


def filtered(
    name: str, options: str, frames: Sequence[VideoFrame], bits_per_pixel: float | None
) -> Iterator[VideoFrame]:
    """Frames through a filter."""
    graph = av.filter.Graph()
    first = frames[0]
    source = graph.add_buffer(width=first.width, height=first.height, format=first.format, time_base=first.time_base)
    graph.link_nodes(source, graph.add(name, options), graph.add("buffersink")).configure()
    for number, frame in enumerate(frames):
        graph.push(frame)
        yield numbered(graph.pull(), number)


def copied(frame: VideoFrame) -> VideoFrame:
    """Another frame with the same samples: enhancers write into theirs."""
    result = VideoFrame(frame.width, frame.height, frame.format.name)
    for index in range(3):
        plane(result, index)[...] = plane(frame, index)
    return numbered(result, frame.pts)
