"""Frames as a call delivers them."""

from fractions import Fraction

import av
import numpy as np
from PIL import Image

FRAMES, RATE = 12, 25


def called(luma, scale=1, bits=0.1):
    """The last of some frames in which `luma` (H x W, levels of an image) moves: shrunk, coded as H.264, enlarged.

    It moves in from the side and ends where it is given; `bits` are those of a pixel that is sent.
    """
    height, width = luma.shape
    sent = width // scale, height // scale
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *sent, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(RATE), Fraction(1, RATE)
    encoder.bit_rate, encoder.thread_count = int(bits * RATE * sent[0] * sent[1]), 1
    rate = str(encoder.bit_rate)
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline"}
    encoder.options = {**encoder.options, "maxrate": rate, "bufsize": rate}
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    packets = []
    for number in range(FRAMES):
        shown = Image.fromarray(np.roll(luma, FRAMES - 1 - number, 1)).resize(sent, Image.Resampling.BOX)
        levels = np.rint(16 + np.asarray(shown, np.float32) * 219 / 255).astype(np.uint8)
        planes = np.concatenate([levels, np.full((sent[1] // 2, sent[0]), 128, np.uint8)])
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    decoded = [frame for packet in packets for frame in decoder.decode(packet)] + decoder.decode(None)
    came = decoded[-1].to_ndarray(format="yuv420p")[: sent[1]]
    full = np.rint((came.astype(np.float32) - 16) * 255 / 219).clip(0, 255).astype(np.uint8)
    return np.asarray(Image.fromarray(full).resize((width, height), Image.Resampling.BILINEAR))
