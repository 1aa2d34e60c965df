"""Draw the page's icon, sharpcli/web/icon.png: a disc, blurred on the left and sharp on the right."""

from pathlib import Path

from PIL import Image as PILImage
from PIL import ImageDraw, ImageFilter

FILE = Path(__file__).parents[1] / "sharpcli" / "web" / "icon.png"
SIDE, DRAWN = 512, 2048
TEAL, WHITE = "#0f766e", "#ffffff"

sharp = PILImage.new("RGB", (DRAWN, DRAWN), TEAL)
ImageDraw.Draw(sharp).circle((DRAWN / 2, DRAWN / 2), DRAWN * 0.3, WHITE)
sharp = sharp.resize((SIDE, SIDE), PILImage.Resampling.LANCZOS)
icon = sharp.filter(ImageFilter.GaussianBlur(SIDE / 20))
half = (SIDE // 2, 0, SIDE, SIDE)
icon.paste(sharp.crop(half), half)
icon.quantize(64).save(FILE, optimize=True)
