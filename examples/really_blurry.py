"""Sharpen photographs that a camera blurred, and make the sheets and the table of docs/blurry.md from them.

`python examples/really_blurry.py`, and again after weights were replaced. The photographs are scikit-image's, or lie in
examples/blurry with their sources and licences.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFilter
from skimage import data

import sharpcli
from sharpcli.image.read import read_image

FOLDER = Path(__file__).parent / "blurry"
DOCS = Path(__file__).parents[1] / "docs"
START, END = "<!-- table of photographs -->\n", "<!-- end -->"
HEAD = "| photograph | wrong with it | undone as found | mean change | source |\n|---|---|---|---|---|"
WIDTH, HEIGHT, GAP, LINE = 300, 220, 6, 20


@dataclass(frozen=True)
class Photograph:
    """One row of a sheet: the file in FOLDER or scikit-image's name, what is wrong with it, and what is shown of it."""

    name: str
    wrong: str
    source: str
    corner: tuple[int, int]
    """Left and top of the crop."""
    zoom: int = 2
    told: Mapping[str, Any] = field(default_factory=dict)
    """The options that look best where what was found is wrong."""

    def pixels(self) -> NDArray[Any]:
        """H x W (grey) or H x W x 3, uint8."""
        if (FOLDER / self.name).is_file():
            pixels = read_image(FOLDER / self.name).pixels
            return pixels[..., 0] if pixels.shape[2] == 1 else pixels
        loaded: NDArray[Any] = getattr(data, self.name)()
        return loaded

    def crop(self, pixels: NDArray[Any]) -> PILImage.Image:
        """What the sheet shows, enlarged without smoothing so that every pixel can be judged."""
        left, top = self.corner
        part = pixels[top : top + HEIGHT // self.zoom, left : left + WIDTH // self.zoom]
        side = part.shape[1] * self.zoom, part.shape[0] * self.zoom
        return PILImage.fromarray(part).convert("RGB").resize(side, PILImage.Resampling.NEAREST)


def _gaussian(blur: float, noise: float) -> dict[str, Any]:
    return {"kind": "gaussian", "blur": blur, "noise": noise}


LEPTONICA = "Leptonica, BSD-2-Clause"
OPENCV = "OpenCV, Apache-2.0"
SHEETS = {
    "focus": (
        Photograph("phone-blurred.jpg", "phone without autofocus, too near", LEPTONICA, (60, 140)),
        Photograph("phone-soft.jpg", "the same phone, nearly in focus", LEPTONICA, (300, 190)),
        Photograph("microaneurysms", "fundus camera, a little soft", "scikit-image, CC0", (2, 20), zoom=3),
        Photograph(
            "page-defocus.jpg", "lens set out of focus", OPENCV, (100, 100), told={"kind": "defocus", "blur": 5}
        ),
        Photograph("text-defocus.jpg", "compact camera, far out of focus", OPENCV, (200, 150), zoom=1),
    ),
    "shake": (
        Photograph("phone-shaken.jpg", "phone, moved by about 5 px", LEPTONICA, (310, 175)),
        Photograph("text-motion.jpg", "compact camera, moved by about 30 px", OPENCV, (150, 120), zoom=1),
        Photograph("clock", "camera swung round", "scikit-image, public domain", (50, 40), 1, {"kind": "none"}),
    ),
    "noise": (
        Photograph("books.jpg", "phone in dim light", OPENCV, (275, 135), told=_gaussian(0.8, noise=4)),
        Photograph("hall.jpg", "webcam in a dark hall", OPENCV, (20, 84), told=_gaussian(0.9, noise=6)),
        Photograph("webcam.jpg", "noisy and soft", OPENCV, (200, 150)),
        Photograph("video-frame.png", "coarsely compressed", OPENCV, (20, 20)),
        Photograph("text", "soft and noisy", "scikit-image, public domain", (20, 5), told=_gaussian(0.8, noise=4)),
    ),
}


def deblurred(pixels: NDArray[Any], enhancer: str, **options: Any) -> tuple[NDArray[Any], str]:
    """The result of profile deblur as `sharpcli enhance` makes it, and what was undone in words."""
    sharper = sharpcli.load(enhancer, profile="deblur", **options)
    channels = pixels[..., None] if pixels.ndim == 2 else pixels
    return sharper(pixels), sharper.enhancer.for_image(channels).finding().removeprefix("undone: ")


def unsharp(pixels: NDArray[Any]) -> NDArray[Any]:
    """An unsharp mask of radius 1 and 60 %, what an editor does at a click."""
    return np.asarray(PILImage.fromarray(pixels).filter(ImageFilter.UnsharpMask(1, 60, 0)))


def sheet(name: str, rows: list[tuple[str, dict[str, PILImage.Image]]]) -> None:
    """Write rows of crops, each with its heading above and the names of the columns above all."""
    step = LINE + HEIGHT + GAP
    columns = list(rows[0][1])
    page = PILImage.new("RGB", (len(columns) * (WIDTH + GAP) - GAP, LINE + len(rows) * step - GAP), "white")
    draw = ImageDraw.Draw(page)
    for column, label in enumerate(columns):
        draw.text((column * (WIDTH + GAP), 2), label, fill="black", font_size=15)
    for row, (heading, crops) in enumerate(rows):
        top = LINE + row * step
        draw.text((0, top + 3), heading, fill=(0, 70, 160), font_size=13)
        for column, label in enumerate(columns):
            page.paste(crops[label], (column * (WIDTH + GAP), top + LINE))
    path = DOCS / f"blurry-{name}.webp"
    page.save(path, quality=88, method=6)
    print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def main() -> None:
    """Write docs/blurry-*.webp, and the table in docs/blurry.md."""
    table = [HEAD]
    told = []
    for name, photographs in SHEETS.items():
        rows = []
        for photograph in photographs:
            pixels = photograph.pixels()
            student, found = deblurred(pixels, "student")
            results = {
                "input": pixels,
                "unsharp mask, radius 1, 60 %": unsharp(pixels),
                "student, profile photo": sharpcli.load("student", profile="photo")(pixels),
                "student, profile deblur": student,
                "student-large, profile deblur": deblurred(pixels, "student-large")[0],
            }
            crops = {label: photograph.crop(result) for label, result in results.items()}
            rows.append((f"{photograph.name}: {photograph.wrong}. Undone: {found}", crops))
            change = np.abs(student.astype(int) - pixels).mean()
            table.append(f"| `{photograph.name}` | {photograph.wrong} | {found} | {change:.1f} | {photograph.source} |")
            if photograph.told:
                best, _ = deblurred(pixels, "student-large", **photograph.told)
                three = {"input": crops["input"], "student-large, as found": crops["student-large, profile deblur"]}
                three["student-large, as told"] = photograph.crop(best)
                options = " ".join(f"-O {option}={value}" for option, value in photograph.told.items())
                told.append((f"{photograph.name}: {options}", three))
        sheet(name, rows)
    sheet("told", told)
    page = DOCS / "blurry.md"
    before, rest = page.read_text().split(START)
    page.write_text(f"{before}{START}\n" + "\n".join(table) + f"\n\n{END}{rest.split(END, 1)[1]}")


if __name__ == "__main__":
    main()
