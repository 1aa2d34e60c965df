"""Measures the installed enhancers through the pipeline a user runs: the table of test sets and the damage grid."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

from sharpcli.pictures import Picture, Pixels
from sharpcli.pipeline import make_enhancer, sharpen
from sharpcli.registry import load_registry
from sharpcli.resample import degrade, grid_of
from sharpcli.scoring import read_rgb, score_pixels
from sharpcli_training.prepare import find_pictures

CONVENTION = "papers"
SCALE = 2
Figures = dict[str, float]
Report = Callable[[str], None]

# Name, and how it damages a picture: (scale, shifted by a pixel, JPEG quality).
GRID = {
    f"{name}{', JPEG 75' if jpeg else ''}": (scale, shifted, jpeg)
    for jpeg in (None, 75)
    for name, scale, shifted in (
        ("sharp", 1.0, False),
        ("scale 1.5", 1.5, False),
        ("scale 2", 2.0, False),
        ("scale 2 shifted", 2.0, True),
        ("scale 3", 3.0, False),
        ("scale 4", 4.0, False),
    )
}


def pair(original: Pixels, scale: float, shifted: bool, jpeg: int | None) -> tuple[Pixels, Pixels]:
    """(input, original) of one cell; the original loses the rows and columns that no whole scale would cover."""
    grid = grid_of(scale)
    height, width = (side // grid * grid for side in original.shape[:2])
    whole = original[:height, :width]
    damaged = degrade(whole, scale, jpeg=jpeg)
    start = 1 if shifted else 0
    return damaged[start:, start:], whole[start:, start:]


def test_sets(folders: Sequence[Path], enhancers: Sequence[str], report: Report) -> dict[str, dict[str, Figures]]:
    """Mean PSNR and SSIM of each enhancer, and of the untouched input as `input`, on each folder at exactly x2."""
    table: dict[str, dict[str, Figures]] = {}
    for folder in folders:
        pairs = [pair(read_rgb(path), SCALE, False, None) for path in find_pictures(folder)]
        for name in ("input", *enhancers):
            table.setdefault(name, {})[folder.name] = _mean(pairs, name, f"x{SCALE}")
            report(f"{folder.name}: {name}")
    return table


def damage_grid(folder: Path, enhancers: Sequence[str], report: Report) -> dict[str, dict[str, Figures]]:
    """Mean figures of each enhancer's `photo` profile, and of the input, in each cell of the grid."""
    originals = [read_rgb(path) for path in find_pictures(folder)]
    table: dict[str, dict[str, Figures]] = {}
    for cell, damage in GRID.items():
        pairs = [pair(original, *damage) for original in originals]
        for name in ("input", *enhancers):
            table.setdefault(name, {})[cell] = _mean(pairs, name, "photo")
        report(cell)
    return table


def _mean(pairs: Sequence[tuple[Pixels, Pixels]], name: str, profile: str) -> Figures:
    results = (damaged if name == "input" else _sharpened(damaged, name, profile) for damaged, _ in pairs)
    figures = [score_pixels(result, pair[1], CONVENTION) for result, pair in zip(results, pairs, strict=True)]
    return {metric: fmean(figure[metric] for figure in figures) for metric in figures[0]}


def _sharpened(damaged: Pixels, name: str, profile: str) -> Pixels:
    has_profile = any(option.name == "profile" for option in load_registry().get(name).options())
    enhancer = make_enhancer(name, {"profile": profile} if has_profile else {})
    return sharpen(Picture(damaged, "RGB"), enhancer).pixels


def sets_markdown(table: dict[str, dict[str, Figures]]) -> str:
    """PSNR in dB and SSIM, a row an enhancer."""
    folders = list(next(iter(table.values())))
    lines = [f"| x{SCALE} | {' | '.join(folders)} |", "|---|" + "---|" * len(folders)]
    for name, row in table.items():
        label = "bicubic (untouched input)" if name == "input" else name
        lines.append(f"| {label} | " + " | ".join(f"{f['psnr']:.2f} / {f['ssim']:.4f}" for f in row.values()) + " |")
    return "\n".join(lines) + "\n"


def grid_markdown(table: dict[str, dict[str, Figures]]) -> str:
    """The input's PSNR in dB and each enhancer's gain over it; for a sharp input, the PSNR of what comes back."""
    names = [name for name in table if name != "input"]
    lines = [f"| damage | input | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for cell, untouched in table["input"].items():
        cells = []
        for name in names:
            after = table[name][cell]["psnr"]
            same = untouched["psnr"] == float("inf")
            cells.append(f"comes back at {after:.1f}" if same else f"{after - untouched['psnr']:+.2f}")
        lines.append(f"| {cell} | {untouched['psnr']:.2f} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def write_cards(table: dict[str, dict[str, Figures]], key: str, profile: str) -> None:
    """Put the measured figures, and the input's own beside them, into the cards of the weights that made them."""
    for name, row in table.items():
        if name == "input":
            continue
        for path in load_registry().get(name).weights():
            if not path.stem.endswith(f"-{profile}"):
                continue
            file = path.with_suffix(".json")
            card = json.loads(file.read_text())
            card["scores"][key] = {
                "convention": CONVENTION,
                "result": _rounded(row),
                "input": _rounded(table["input"]),
            }
            file.write_text(json.dumps(card, indent=2) + "\n")


def _rounded(row: dict[str, Figures]) -> dict[str, dict[str, float | None]]:
    return {
        cell: {m: None if v == float("inf") else round(v, 4) for m, v in figures.items()}
        for cell, figures in row.items()
    }
