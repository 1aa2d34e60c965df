"""Short clips of a photograph, to take frames from."""

from fractions import Fraction

import av
import numpy as np


def write_clip(path, image, frames=12, bar=0):
    """A clip in which the image (sides even) moves to the left, perhaps beside a black bar."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(25), options={"crf": "18"})
        stream.height, stream.width, stream.pix_fmt = image.shape[0], image.shape[1], "yuv420p"
        for number in range(frames):
            moved = np.roll(image, -2 * number, 1)
            moved[:, :bar] = 0
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        container.mux(stream.encode(None))
