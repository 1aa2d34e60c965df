"""The main job on images made on the spot: blur photographs, sharpen them, score the result, show before and after.

Everything lands in ./first-light. The photographs are scikit-image's and free to use (CC0 or public domain).
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageDraw
from skimage import data

ROOT = Path("first-light")
PHOTOGRAPHS = {"astronaut": data.astronaut, "cat": data.chelsea, "coffee": data.coffee, "rocket": data.rocket}
# What the sheet shows, (left, top, right, bottom): of the four photographs those that win most and least.
CROPS = {"astronaut": (150, 60, 310, 170), "cat": (110, 70, 270, 180)}
ZOOM, GAP, HEAD = 2, 6, 26
COLUMNS = {
    "blurred": "input",
    "sharp-photo": "student, profile photo",
    "sharp-x2": "student, profile x2",
    "originals": "original",
}


def sharpcli(*arguments: object) -> None:
    """Run one command as a user would type it, and stop if it fails."""
    print(f"\n$ sharpcli {' '.join(map(str, arguments))}", flush=True)
    subprocess.run([sys.executable, "-m", "sharpcli", *map(str, arguments)], check=True)


def before_and_after(path: Path) -> None:
    """Write a sheet of crops, enlarged without smoothing so that every pixel can be judged."""
    width, height = ZOOM * 160, ZOOM * 110
    sheet = PILImage.new("RGB", (len(COLUMNS) * (width + GAP) - GAP, HEAD + len(CROPS) * (height + GAP) - GAP), "white")
    for column, (folder, label) in enumerate(COLUMNS.items()):
        left = column * (width + GAP)
        ImageDraw.Draw(sheet).text((left + 4, 4), label, fill="black", font_size=16)
        for row, (name, crop) in enumerate(CROPS.items()):
            with PILImage.open(ROOT / folder / f"{name}.png") as image:
                part = image.convert("RGB").crop(crop).resize((width, height), PILImage.Resampling.NEAREST)
            sheet.paste(part, (left, HEAD + row * (height + GAP)))
    sheet.save(path)


if ROOT.exists():
    shutil.rmtree(ROOT)
(ROOT / "originals").mkdir(parents=True)
for name, load in PHOTOGRAPHS.items():
    PILImage.fromarray(load()).save(ROOT / "originals" / f"{name}.png")

sharpcli("degrade", ROOT / "originals", "-o", ROOT / "blurred")
# Once as for any soft image, once told how these were blurred: knowing the degradation is worth a lot.
for profile in ("photo", "x2"):
    out = ROOT / f"sharp-{profile}"
    sharpcli("enhance", ROOT / "blurred", "-o", out, "-e", "student", "-O", f"profile={profile}")
    sharpcli("score", out, ROOT / "originals", "--input", ROOT / "blurred", "--convention", "y")
before_and_after(ROOT / "before-after.png")
print(f"\nBefore and after: {ROOT / 'before-after.png'}")
