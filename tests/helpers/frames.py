"""Frames with given samples, and enhancers to show them to."""

from fractions import Fraction

import av
import numpy as np
from scipy.ndimage import uniform_filter

from sharpcli.plugin.enhancer import Enhancer
from sharpcli.video.planes import SHIFTED, plane


def samples(name, width, height, seed=0):
    """One array a component, of random samples within its bits."""
    random, frame = np.random.default_rng(seed), av.VideoFrame(width, height, name)
    made = []
    for component in frame.format.components:
        # Those of the high bits end in zeros.
        values = random.integers(0, 1 << component.bits, (component.height, component.width), dtype=np.uint16)
        made.append(values << SHIFTED.get(name, 0))
    return made


def frame_of(name, components, *, pts=0, **said):
    """A frame of a pixel format with these components; `said` are its attributes, such as `colorspace`."""
    height, width = components[0].shape
    frame = av.VideoFrame(width, height, name)
    for index, values in enumerate(components):
        plane(frame, index)[...] = values
    frame.pts, frame.time_base = pts, Fraction(1, 25)
    for key, value in said.items():
        setattr(frame, key, value)
    return frame


def components(frame):
    """Copies of all of a frame's components."""
    return [plane(frame, index).copy() for index in range(len(frame.format.components))]


def interlaced(frame, first="tff"):
    """The frame marked as two fields, the top one (`tff`) or the bottom one (`bff`) first."""
    graph = av.filter.Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 25))
    graph.link_nodes(source, graph.add("setfield", first), graph.add("buffersink")).configure()
    graph.push(frame)
    return graph.pull()


class Same(Enhancer):
    """Changes nothing, whatever it is shown."""

    name = "same"
    summary = "nothing"
    color = "any"
    dtype = "any"
    receptive_radius = 0

    def enhance(self, pixels):
        return pixels


class SameRgb(Same):
    """Likewise, shown RGB."""

    name = "same-rgb"
    color = "rgb"


class Brighter(Enhancer):
    """Adds a tenth of white to R, G and B."""

    name = "brighter"
    summary = "brighter"
    color = "rgb"
    receptive_radius = 0

    def enhance(self, pixels):
        return np.minimum(pixels + np.float32(0.1), 1)


class Local(Enhancer):
    """Sharpens against the mean of 7 x 7 pixels, and counts the pixels that it was shown."""

    name = "local"
    summary = "unsharp"
    color = "luma"
    dtype = "any"
    receptive_radius = 3
    max_tile = 4096
    shown = 0

    def enhance(self, pixels):
        type(self).shown += pixels.shape[0] * pixels.shape[1]
        unit = 255 if pixels.dtype == np.uint8 else 1
        exact = pixels.astype(np.float64)
        sharp = (2 * exact - uniform_filter(exact, (7, 7, 1), mode="nearest")).clip(0, unit)
        return (np.rint(sharp) if unit == 255 else sharp).astype(pixels.dtype)
