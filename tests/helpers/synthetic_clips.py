"""Small clips of known luma, losslessly coded, at any times."""

from fractions import Fraction

import av
import numpy as np

HEIGHT, WIDTH = 48, 64
TICK = Fraction(1, 1000)


def scene(height=HEIGHT, width=WIDTH):
    """Smooth luma well inside the limited range, float64 H x W."""
    rows, columns = np.mgrid[:height, :width]
    return 110 + 40 * np.sin(columns / 5) + 25 * np.cos(rows / 7)


def noisy(still, amplitude, count, seed=0):
    """The same scene with noise of its own on every frame."""
    noise = np.random.default_rng(seed).normal(0, 1, (count, *still.shape))
    return [still + amplitude * one for one in noise]


def write_clip(path, lumas, times=None, *, pixels="yuv420p", full=False, codec="ffv1", tick=TICK, chroma=128, rate=25):
    """Write frames of H x W luma, in levels of 8 bits, shown at these seconds (25 a second if not given)."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate, options={"qp": "0"} if codec == "libx264" else {})
        stream.height, stream.width = lumas[0].shape
        stream.pix_fmt = pixels
        stream.codec_context.time_base = stream.time_base = tick
        stream.codec_context.color_range = 2 if full else 1
        for number, luma in enumerate(lumas):
            frame = av.VideoFrame(stream.width, stream.height, pixels)
            frame.color_range = 2 if full else 1
            scale = 1 << (frame.format.components[0].bits - 8)
            kind = np.uint8 if scale == 1 else np.dtype("<u2")
            for plane, values in zip(frame.planes, (luma, chroma, chroma), strict=True):
                stored = np.frombuffer(plane, kind).reshape(plane.height, -1)
                stored[:, : plane.width] = np.rint(np.asarray(values) * scale)
            time = Fraction(number, 25) if times is None else Fraction(times[number])
            frame.pts, frame.time_base = round(time / tick), tick
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path
