"""The main job on images made on the spot: spoil photographs, sharpen them, score the result, show before and after.

Everything lands in ./first-light. The photographs are scikit-image's and free to use (CC0 or public domain).
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageDraw, ImageFilter
from skimage import data

ROOT = Path("first-light")
PHOTOGRAPHS = {"astronaut": data.astronaut, "cat": data.chelsea, "coffee": data.coffee, "rocket": data.rocket}
# What happens to the photographs. Nobody tells the network: it looks at each image and finds out.
DEGRADATIONS = {
    "defocused": ("--blur", "defocus:2.5"),
    "shaken": ("--blur", "motion:9,30"),
    "noisy": ("--blur", "gaussian:1", "--noise", "5"),
    "enlarged": ("--scale", "2"),
}
# What the sheet shows, (left, top, right, bottom).
CROPS = {
    "defocused": ("astronaut", (150, 60, 310, 170)),
    "shaken": ("cat", (110, 70, 270, 180)),
    "noisy": ("coffee", (60, 190, 220, 300)),
}
ZOOM, GAP, HEAD = 2, 6, 26
COLUMNS = ("input", "unsharp mask, radius 1, 60 %", "student", "original")


def sharpcli(*arguments: object) -> None:
    """Run one command as a user would type it, and stop if it fails."""
    print(f"\n$ sharpcli {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, "-m", "sharpcli", *map(str, arguments)], check=True)


def shown(degradation: str, name: str) -> list[PILImage.Image]:
    """A row of the sheet, whole."""
    folders = (ROOT / degradation, ROOT / f"{degradation}-sharp", ROOT / "originals")
    before, after, original = (PILImage.open(folder / f"{name}.png").convert("RGB") for folder in folders)
    return [before, before.filter(ImageFilter.UnsharpMask(1, 60, 0)), after, original]


def before_and_after(path: Path) -> None:
    """Write a sheet of crops, enlarged without smoothing so that every pixel can be judged."""
    width, height = ZOOM * 160, ZOOM * 110
    sheet = PILImage.new("RGB", (len(COLUMNS) * (width + GAP) - GAP, HEAD + len(CROPS) * (height + GAP) - GAP), "white")
    for column, label in enumerate(COLUMNS):
        ImageDraw.Draw(sheet).text((column * (width + GAP) + 4, 4), label, fill="black", font_size=16)
    for row, (degradation, (name, crop)) in enumerate(CROPS.items()):
        for column, image in enumerate(shown(degradation, name)):
            part = image.crop(crop).resize((width, height), PILImage.Resampling.NEAREST)
            sheet.paste(part, (column * (width + GAP), HEAD + row * (height + GAP)))
    sheet.save(path)


if ROOT.exists():
    shutil.rmtree(ROOT)
(ROOT / "originals").mkdir(parents=True)
for name, load in PHOTOGRAPHS.items():
    PILImage.fromarray(load()).save(ROOT / "originals" / f"{name}.png")

for degradation, options in DEGRADATIONS.items():
    spoiled, out = ROOT / degradation, ROOT / f"{degradation}-sharp"
    sharpcli("degrade", ROOT / "originals", "-o", spoiled, *options)
    sharpcli("enhance", spoiled, "-o", out)
    sharpcli("score", out, ROOT / "originals", "--input", spoiled, "--convention", "y")
before_and_after(ROOT / "before-after.png")
print(f"\nBefore and after: {ROOT / 'before-after.png'}")
