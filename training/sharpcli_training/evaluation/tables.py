"""Writes measured figures as Markdown tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sharpcli.plugin.cards import Card
from sharpcli.plugin.registry import load_registry
from sharpcli_training.evaluation.evaluate import SCALE, Figures, Table, gains, reached
from sharpcli_training.evaluation.rows import INPUT, UNSHARP, Row, readable_card

LABELS = {INPUT: "bicubic (baseline)", UNSHARP: "unsharp mask (radius 1, 60 %)"}


def markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    texts = [f"| {' | '.join(cells)} |" for cells in (header, *lines)]
    return "\n".join([texts[0], "|" + "---|" * len(header), *texts[1:]]) + "\n"


def sets_markdown(table: Table, seconds: Mapping[Row, float]) -> str:
    """PSNR in dB / SSIM by folder and what it costs, a row an enhancer; times only where there are any."""
    profile = f"x{SCALE}"
    header = [profile, *next(iter(table.values())), "parameters", "kMAC/px", *(["ms"] if seconds else [])]
    lines = []
    for row, figures in table.items():
        cost = _costs(row.card(profile) or Card())
        taken = [f"{1000 * seconds[row]:.0f}" if row in seconds else "-"] if seconds else []
        lines.append([LABELS.get(row, row.label), *(f"{f['psnr']:.2f} / {f['ssim']:.4f}" for f in figures.values())])
        lines[-1] += [*cost, *taken]
    return markdown(header, lines)


def int8_markdown(table: Table) -> str:
    """PSNR in dB / SSIM that INT8 changes against FP32, by folder; empty where no enhancer has both."""
    lines = []
    for row, figures in table.items():
        if row.precision == "int8" and row.exact in table:
            change = [gains(table[row.exact][name], after) for name, after in figures.items()]
            lines.append([row.name, *(f"{c['psnr']:+.2f} / {c['ssim']:+.4f}" for c in change)])
    return markdown(["INT8 against FP32", *next(iter(table.values()))], lines) if lines else ""


def grid_markdown(table: Table) -> str:
    """The input's PSNR in dB / SSIM and each row's gain over it, bold where it misses what is asked of it.

    For a sharp input, whose PSNR is infinite, the figures of what comes back instead.
    """
    rows = [row for row in table if row != INPUT]
    lines = []
    for cell, before in table[INPUT].items():
        cells = [_grid_cell(cell, before, table[row][cell]) for row in rows]
        lines.append([cell, f"{before['psnr']:.2f} / {before['ssim']:.4f}", *cells])
    return markdown(["degradation", "input", *(row.label for row in rows)], lines)


def _grid_cell(cell: str, before: Figures, after: Figures) -> str:
    won = gains(before, after)
    text = f"{won['psnr']:+.2f} / {won['ssim']:+.4f}"
    if math.isinf(before["psnr"]):
        text = f"result: {after['psnr']:.1f} / {after['ssim']:.4f}"
    return text if reached(cell, before, after) else f"**{text}**"


def misses(table: Table) -> dict[Row, int]:
    """How many cells of the grid each row misses."""
    return {
        row: sum(not reached(cell, before, table[row][cell]) for cell, before in table[INPUT].items())
        for row in table
        if row != INPUT
    }


def cost_markdown(names: Sequence[str]) -> str:
    """Parameters, work and size of every weights file of these enhancers."""
    lines = []
    for name in names:
        for path in load_registry().get(name).weights():
            card = readable_card(path)
            size = path.stat().st_size if card.bytes is None else card.bytes
            shown = f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} KB"
            lines.append([f"`{path.name}`", card.weights or "-", *_costs(card), shown])
    return markdown(["file", "stored as", "parameters", "kMAC/px", "size"], lines)


def _costs(card: Card) -> list[str]:
    """Parameters and thousands of multiply-adds a pixel; a dash for what the card leaves out."""
    parameters = "-" if card.parameters is None else f"{card.parameters:,}"
    return [parameters, "-" if card.kmac_per_pixel is None else f"{card.kmac_per_pixel:.1f}"]


def startup_markdown(seconds: Mapping[str, float]) -> str:
    """Milliseconds until the command line has answered, and the ratio to Python with click alone."""
    base = next(iter(seconds.values()))
    return markdown(
        ["command", "ms", "ratio"],
        [[name, f"{1000 * taken:.0f}", f"{taken / base:.2f}"] for name, taken in seconds.items()],
    )
