"""The main job on pictures made on the spot: blur photographs, sharpen them, score the result, show before and after.

Everything lands in ./first-light. The photographs are scikit-image's and free to use (CC0 or public domain).
"""

import shutil
import subprocess
import sys
from pathlib import Path

from PIL import Image, ImageDraw
from skimage import data

ROOT = Path("first-light")
PHOTOGRAPHS = {"astronaut": data.astronaut, "cat": data.chelsea, "coffee": data.coffee, "rocket": data.rocket}
# What the strip shows: the cat's eye and whiskers, (left, top, right, bottom).
CROP = (110, 70, 270, 180)
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
    """Write one strip of crops, enlarged three times without smoothing so that every pixel can be judged."""
    width, height = 3 * (CROP[2] - CROP[0]), 3 * (CROP[3] - CROP[1])
    strip = Image.new("RGB", (len(COLUMNS) * (width + 6) - 6, height + 28), "white")
    for index, (folder, label) in enumerate(COLUMNS.items()):
        with Image.open(ROOT / folder / "cat.png") as picture:
            crop = picture.convert("RGB").crop(CROP).resize((width, height), Image.Resampling.NEAREST)
        strip.paste(crop, (index * (width + 6), 28))
        ImageDraw.Draw(strip).text((index * (width + 6) + 4, 4), label, fill="black", font_size=18)
    strip.save(path)


if ROOT.exists():
    shutil.rmtree(ROOT)
(ROOT / "originals").mkdir(parents=True)
for name, load in PHOTOGRAPHS.items():
    Image.fromarray(load()).save(ROOT / "originals" / f"{name}.png")

sharpcli("degrade", ROOT / "originals", "-o", ROOT / "blurred")
# Once as for any soft picture, once told how these were blurred: knowing the damage is worth a lot.
for profile in ("photo", "x2"):
    out = ROOT / f"sharp-{profile}"
    sharpcli("enhance", ROOT / "blurred", "-o", out, "-e", "student", "-O", f"profile={profile}")
    sharpcli("score", out, ROOT / "originals", "--input", ROOT / "blurred", "--convention", "papers")
before_and_after(ROOT / "before-after.png")
print(f"\nBefore and after: {ROOT / 'before-after.png'}")
