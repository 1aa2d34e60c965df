"""Draws quality against cost: PSNR over the work a pixel takes, ours among published networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, radians, sin
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox

from sharpcli_training.anchors import Anchor

OURS = {"fp32": ("o", "#c0392b", "ours, FP32"), "int8": ("s", "#2471a3", "ours, INT8")}
GREY = "#555555"
# Where a label may stand, nearest first: points away from its point, and degrees, those beside before those above.
DISTANCES = (9, 20, 32, 46, 62)
ANGLES = (0, 180, 90, 270, 45, 315, 135, 225, 20, 340, 160, 200)


@dataclass(frozen=True)
class Point:
    """One of our networks: `kmac` in thousands a pixel, `psnr` in dB, `precision` fp32 or int8."""

    label: str
    kmac: float
    psnr: float
    precision: str


def draw_quality(ours: Sequence[Point], anchors: Sequence[Anchor], name: str, untouched: float, path: Path) -> None:
    """Write a PNG of PSNR in dB on the test set `name` against kMAC/px, with the untouched input in the legend."""
    figure, axes = plt.subplots(figsize=(9, 6), layout="constrained")
    published = [(a.label, a.kmac, a.psnr[name]) for a in anchors if a.kmac and name in a.psnr]
    axes.scatter([p[1] for p in published], [p[2] for p in published], facecolors="none", edgecolors=GREY, s=36)
    handles = [Line2D([], [], marker="o", mfc="none", color=GREY, ls="", label="published († not verified)")]
    for precision, (marker, colour, label) in OURS.items():
        points = [point for point in ours if point.precision == precision]
        if points:
            axes.scatter(
                [p.kmac for p in points], [p.psnr for p in points], marker=marker, color=colour, s=48, zorder=3
            )
            handles.append(Line2D([], [], marker=marker, color=colour, ls="", label=label))
    handles.append(Line2D([], [], ls="", label=f"untouched input: {untouched:.2f} dB"))
    axes.set(xscale="log", xlabel="kMAC per pixel", ylabel=f"PSNR on {name} at x2, luma (dB)")
    axes.margins(x=0.12, y=0.08)
    axes.grid(alpha=0.25, which="both", lw=0.5)
    axes.legend(handles=handles, loc="lower right")
    labels = [(p.label, p.kmac, p.psnr, OURS[p.precision][1]) for p in ours]
    _label(figure, axes, [*labels, *((*p, GREY) for p in published)])
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _label(figure: Figure, axes: Axes, points: Sequence[tuple[str, float, float, str]]) -> None:
    """Write each point's label at the nearest place where it covers no other point or label, with a line if far."""
    figure.draw_without_rendering()
    taken = []
    for _, x, y, _ in points:
        across, up = axes.transData.transform((x, y))
        taken.append(Bbox.from_bounds(across - 6, up - 6, 12, 12))
    if legend := axes.get_legend():
        taken.append(legend.get_window_extent())
    scale = figure.dpi / 72
    for index, (text, x, y, colour) in enumerate(points):
        own = axes.transData.transform((x, y))
        others = [box for number, box in enumerate(taken) if number != index]
        for distance, angle in product(DISTANCES, ANGLES):
            right, up = distance * cos(radians(angle)), distance * sin(radians(angle))
            label = axes.annotate(
                text,
                (x, y),
                (right, up),
                textcoords="offset points",
                ha="left" if right > 1 else "right" if right < -1 else "center",
                va="bottom" if up > 5 else "top" if up < -5 else "center",
                fontsize=8,
                color=colour,
            )
            box = label.get_window_extent()
            inside = all(axes.bbox.contains(*corner) for corner in (box.min, box.max))
            line = [own + step / 10 * scale * np.array((right, up)) for step in range(3, 11)]
            hits = any(other.contains(*place) for other in others for place in line)
            if inside and not hits and not any(box.overlaps(other) for other in taken):
                break
            label.remove()
        else:  # nowhere is free: better said on top of something than not at all
            axes.add_artist(label)
        if distance > DISTANCES[0]:
            arrow = {"arrowstyle": "-", "lw": 0.5, "color": colour, "shrinkA": 0, "shrinkB": 3}
            axes.annotate("", (x, y), (right, up), textcoords="offset points", arrowprops=arrow)
            taken += [Bbox.from_bounds(place[0] - 3, place[1] - 3, 6, 6) for place in line]
        taken.append(box)
