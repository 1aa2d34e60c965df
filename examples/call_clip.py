"""Degrade a clip as a video call does, sharpen it, and make the moving picture of README from both.

`python examples/call_clip.py`, and again after weights were replaced. There is no call that may be shown: a photograph
of scikit-image (Eileen Collins, NASA, public domain) before which the camera moves stands in for one.
"""

import tempfile
from collections.abc import Iterator
from fractions import Fraction
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import av
import numpy as np
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFilter
from skimage import data

from sharpcli.cli.main import main as sharpcli

TARGET = Path(__file__).parents[1] / "docs" / "call.webp"
WIDTH, HEIGHT, RATE, FRAMES = 320, 240, 25, 50
SOFT = 1.0
"""The lens of a webcam: sigma of a Gaussian, in pixels."""
BITS = 350_000
"""A second of H.264: what a call has left on a bad line."""
LINE = 18


def camera() -> Iterator[PILImage.Image]:
    """What a hand-held camera sees; the last frame leads to the first."""
    photograph = PILImage.fromarray(data.astronaut())  # type: ignore[no-untyped-call]
    for number in range(FRAMES):
        turn = 2 * pi * number / FRAMES
        wide = WIDTH * (1.05 + 0.05 * sin(turn))
        left, top = 60 + 14 * cos(turn), 6 + 5 * sin(2 * turn)
        box = (left, top, left + wide, top + wide * HEIGHT / WIDTH)
        yield photograph.resize((WIDTH, HEIGHT), PILImage.Resampling.BICUBIC, box=box)


def call(path: Path) -> None:
    """Write the clip as a call delivers it: through a soft lens and an encoder with few bits."""
    options = {"preset": "veryfast", "tune": "zerolatency", "b": str(BITS), "maxrate": str(BITS), "bufsize": str(BITS)}
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(camera()):
            frame = av.VideoFrame.from_ndarray(
                np.asarray(picture.filter(ImageFilter.GaussianBlur(SOFT))), format="rgb24"
            )
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


def frames(path: Path) -> list[NDArray[Any]]:
    """H x W x 3, uint8 each."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def gain(before: list[NDArray[Any]], after: list[NDArray[Any]]) -> str:
    """PSNR of luma before and after, against what the camera saw, the mean of all frames."""
    sharp = [np.asarray(picture.convert("L"), np.float32) for picture in camera()]
    means = []
    for result in (before, after):
        grey = [np.asarray(PILImage.fromarray(one).convert("L"), np.float32) for one in result]
        errors = [np.mean((one - other) ** 2) for one, other in zip(grey, sharp, strict=True)]
        means.append(float(np.mean(10 * np.log10(255**2 / np.array(errors)))))
    return f"{means[0]:.2f} dB before, {means[1]:.2f} dB after"


def main() -> None:
    """Write docs/call.webp, and print what was won."""
    with tempfile.TemporaryDirectory() as made:
        before, after = Path(made) / "call.mp4", Path(made) / "sharp.mkv"
        call(before)
        # The lens is soft, which cannot be told from what the encoder took: so it is said.
        said = ["-O", "profile=deblur", "--codec", "ffv1"]
        done = CliRunner().invoke(sharpcli, ["enhance", str(before), "-o", str(after), *said])
        if done.exit_code:
            raise SystemExit(done.output)
        pairs = list(zip(given := frames(before), results := frames(after), strict=True))
    pages = []
    for left, right in pairs[::2]:
        page = PILImage.new("RGB", (2 * WIDTH + 4, LINE + HEIGHT), "white")
        draw = ImageDraw.Draw(page)
        for column, (label, pixels) in enumerate((("the call", left), ("sharpcli enhance", right))):
            draw.text((column * (WIDTH + 4), 1), label, fill="black", font_size=14)
            page.paste(PILImage.fromarray(pixels), (column * (WIDTH + 4), LINE))
        pages.append(page)
    pages[0].save(TARGET, save_all=True, append_images=pages[1:], duration=2000 // RATE, loop=0, quality=80, method=6)
    print(f"{TARGET.name}: {TARGET.stat().st_size // 1000} kB; {gain(given, results)}")


if __name__ == "__main__":
    main()
