"""Short clips for tests, made by PyAV from a photograph that moves."""

from fractions import Fraction

import av
import numpy as np
from skimage import data


def write_clip(path, frames=12, size=(64, 48), rate=25, codec="libx264", format=None):
    """A clip of so many frames of `size` (width, height), in the container of the path's ending or of `format`."""
    width, height = size
    photo = np.ascontiguousarray(data.chelsea()[:height, :width])
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format=format) as container:
        stream = container.add_stream(codec, rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.roll(photo, -2 * number, 1), format="rgb24")))
        container.mux(stream.encode(None))
    return path


def frames_of(path):
    """The times of a clip's frames, in seconds."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0)]


def container_of(path):
    """FFmpeg's name of a file's container and of its video's codec."""
    with av.open(str(path)) as container:
        return container.format.name, container.streams.video[0].codec_context.codec.canonical_name
