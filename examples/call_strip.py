"""Send a clip through calls, sharpen what is delivered, and make the strip of docs/calls.md from it.

`python examples/call_strip.py`, and again after weights were replaced. The lines and methods are those of
`benchmarks/calls.py`. There is no call that may be shown: a photograph of scikit-image (Eileen Collins, NASA, public
domain) before which the camera moves stands in for one.
"""

import sys
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path

import numpy as np
from av import VideoFrame
from av.video.reformatter import Interpolation
from PIL import Image as PILImage
from PIL import ImageDraw
from skimage import data

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from calling.line import Cell, called, sized  # noqa: E402
from calling.measure import scored  # noqa: E402
from calling.methods import DEFAULT, chosen, usual  # noqa: E402

TARGET = ROOT / "docs" / "calls.webp"
SIDE, RATE, FRAMES, SHOWN = 480, 25, 40, 39
FACE = (130, 40, 300, 190)
"""The part that is shown: left, top, right, bottom."""
LINES = (
    ("same size", Cell("VP8", 1, "lowest")),
    ("half size", Cell("VP9", 2, "middle")),
    ("half size", Cell("AV1", 2, "highest")),
    ("a third", Cell("H.264", 3, "highest")),
)
LABEL, GAP = 16, 3


def camera() -> list[VideoFrame]:
    """What a hand-held camera sees."""
    photograph = PILImage.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    frames = []
    for number in range(FRAMES):
        turn = 2 * pi * number / FRAMES
        left, top = 16 + 10 * cos(turn), 16 + 6 * sin(2 * turn)
        view = photograph.resize((SIDE, SIDE), PILImage.Resampling.BICUBIC, box=(left, top, left + SIDE, top + SIDE))
        frames.append(VideoFrame.from_ndarray(np.asarray(view), format="rgb24"))
    return list(sized(frames, SIDE, SIDE, Interpolation.BICUBIC))


def face(frame: VideoFrame) -> PILImage.Image:
    """The part that is shown."""
    return PILImage.fromarray(frame.to_ndarray(format="rgb24")).crop(FACE)


def main() -> None:
    """Write docs/calls.webp."""
    chosen([])  # so that the plugin is there
    networks = [name for name in usual() if name.startswith("student:") and name != DEFAULT]
    methods = chosen(["cas", "unsharp", *networks])
    frames = camera()
    width, height = FACE[2] - FACE[0] + GAP, FACE[3] - FACE[1] + 2 * LABEL + GAP
    sheet = PILImage.new("RGB", ((2 + len(methods)) * width, len(LINES) * height), "white")
    draw = ImageDraw.Draw(sheet)
    for row, (size, cell) in enumerate(LINES):
        delivered = called(frames, Fraction(RATE), cell)
        results = [list(method(delivered.frames, delivered.bits_per_pixel)) for method in methods.values()]
        (before, *after), _ = scored(frames, delivered.frames, results)
        texts = [f"{before.psnr:.2f} dB", *(f"{one.psnr - before.psnr:+.2f} dB" for one in after)]
        titles = [f"{size}, {cell.codec}, {delivered.spent:.0f} kbit/s", *methods]
        shown = [frames[SHOWN], delivered.frames[SHOWN], *(result[SHOWN] for result in results)]
        for column, (title, frame, text) in enumerate(zip(["camera", *titles], shown, ["", *texts], strict=True)):
            left, top = column * width, row * height
            draw.text((left, top), title, fill="black", font_size=11)
            sheet.paste(face(frame), (left, top + LABEL))
            draw.text((left, top + LABEL + FACE[3] - FACE[1]), text, fill="black", font_size=12)
    sheet.save(TARGET, quality=85, method=6)
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
