"""How figures are written for people: the same on a terminal, on a sheet and on a page."""

from __future__ import annotations

NONE = "-"


def figure(name: str, value: float | None) -> str:
    """A value by its name: ssim to 4 places, psnr in dB to 2, what begins with gain with its sign, ms as fits.

    An infinite one, as the PSNR of identical pictures, is said in words.
    """
    if value is None:
        return NONE
    if name == "ms":
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}"
    places = 4 if name.endswith("ssim") else 2
    text = f"{value:+.{places}f}" if name.startswith("gain") else f"{value:.{places}f}"
    return text.replace("inf", "infinite")
