"""The tables of `docs/calls.md`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import fmean

from calling.line import HELD_OUT, Cell
from calling.measure import Row
from sharpcli.scoring.score import gain

Rows = Mapping[Cell, Sequence[Row]]
"""The rows of all clips by their line."""


def tables(rows: Rows, untouched: Mapping[str, Sequence[float]]) -> str:
    """All of them as Markdown; `untouched` has the PSNR of each clip's originals by method."""
    names = list(untouched)
    parts = [
        "### In short",
        summary(rows, untouched),
        "### Gain: PSNR over the input, dB",
        by_cell(rows, names, "input", own_psnr, gain_of),
        "### Temporal PSNR over the input, dB",
        by_cell(rows, names, "input", lambda each: decibels([row.input.temporal for row in each]), steadier),
        "### Flicker",
        by_cell(rows, names, "original", own_flicker, lambda row, name: row.results[name].flicker, flickers),
    ]
    return "\n\n".join(parts)


def summary(rows: Rows, untouched: Mapping[str, Sequence[float]]) -> str:
    """Means and worst of each method, over the codecs that networks were trained on and the one held out."""
    codecs = list(dict.fromkeys(cell.codec for cell in rows))
    groups = [[one for one in codecs if one != HELD_OUT], [one for one in codecs if one == HELD_OUT]]
    scales = sorted({cell.scale for cell in rows})
    titles = [
        "",
        "codecs",
        *(f"gain, scale {scale:g}" for scale in scales),
        "worst clip and rate",
        "temporal PSNR, mean (worst)",
        "flicker, mean (largest)",
        "untouched frames, PSNR",
    ]

    def lines() -> Iterator[list[str]]:
        for name, kept in untouched.items():
            for group in filter(None, groups):
                each = {cell: rows[cell] for cell in rows if cell.codec in group}
                flat = [row for some in each.values() for row in some]
                gains = [[gain_of(r, name) for c, some in each.items() if c.scale == s for r in some] for s in scales]
                yield [
                    name,
                    ", ".join(group),
                    *(f"{fmean(one):+.2f}" for one in gains),
                    f"{min(map(min, gains)):+.2f}",
                    differences([steadier(row, name) for row in flat]),
                    flickers([row.results[name].flicker for row in flat]),
                    f"{min(kept):.1f} dB",
                ]

    return table(titles, lines())


def by_cell(
    rows: Rows,
    names: Sequence[str],
    beside: str,
    own: Callable[[Sequence[Row]], str],
    figure: Callable[[Row, str], float],
    written: Callable[[Sequence[float]], str] | None = None,
) -> str:
    """A figure of each method on each line, beside one of the line's own; mean, and the worst clip in brackets."""

    def lines() -> Iterator[list[str]]:
        for cell, each in rows.items():
            rate = f"{fmean(row.asked for row in each):.0f} ({fmean(row.spent for row in each):.0f})"
            figures = ([figure(row, name) for row in each] for name in names)
            yield [cell.codec, f"{cell.scale:g}", rate, own(each), *map(written or differences, figures)]

    return table(["codec", "scale", "kbit/s (spent)", beside, *names], lines())


def gain_of(row: Row, name: str) -> float:
    """By how much a result's PSNR is higher than the input's."""
    return gain(row.results[name].psnr, row.input.psnr)


def steadier(row: Row, name: str) -> float:
    """By how much its temporal PSNR is higher."""
    return gain(row.results[name].temporal, row.input.temporal)


def own_psnr(each: Sequence[Row]) -> str:
    """The input's."""
    return decibels([row.input.psnr for row in each])


def own_flicker(each: Sequence[Row]) -> str:
    """The original's, as a multiple of the input's."""
    return f"{fmean(row.original for row in each):.2f}"


def decibels(values: Sequence[float]) -> str:
    """The mean, and the lowest of several."""
    return f"{fmean(values):.2f}" + (f" ({min(values):.2f})" if len(values) > 1 else "")


def differences(values: Sequence[float]) -> str:
    """The same with signs."""
    return f"{fmean(values):+.2f}" + (f" ({min(values):+.2f})" if len(values) > 1 else "")


def flickers(values: Sequence[float]) -> str:
    """The mean, and the largest of several."""
    return f"{fmean(values):.2f}" + (f" ({max(values):.2f})" if len(values) > 1 else "")


def table(titles: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    rows = [titles, ["---"] * len(titles), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
