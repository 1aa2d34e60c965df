"""Draws quality against cost: PSNR over the work a pixel takes, ours among published networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sharpcli_training.drawing import plt  # before anything else of matplotlib's

# isort: split
from adjustText import adjust_text
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sharpcli_training.report.published import Anchor

OURS = {"fp32": ("o", "#c0392b", "ours, FP32"), "int8": ("s", "#2471a3", "ours, INT8")}
GREY = "#555555"


@dataclass(frozen=True)
class Point:
    """One of our networks: `kmac` in thousands a pixel, `psnr` in dB, `precision` fp32 or int8."""

    label: str
    kmac: float
    psnr: float
    precision: str


def draw_quality(ours: Sequence[Point], anchors: Sequence[Anchor], name: str, baseline: float, path: Path) -> None:
    """Write a PNG of PSNR in dB on the test set `name` against kMAC/px, with the input in the legend."""
    figure, axes = plt.subplots(figsize=(9, 7), layout="constrained")
    published = [(a.label, a.kmac, a.psnr[name]) for a in anchors if a.kmac and name in a.psnr]
    axes.scatter([p[1] for p in published], [p[2] for p in published], facecolors="none", edgecolors=GREY, s=36)
    handles = [Line2D([], [], marker="o", mfc="none", color=GREY, ls="", label="published († not verified)")]
    for precision, (marker, color, label) in OURS.items():
        points = [point for point in ours if point.precision == precision]
        if points:
            axes.scatter([p.kmac for p in points], [p.psnr for p in points], marker=marker, color=color, s=48, zorder=3)
            handles.append(Line2D([], [], marker=marker, color=color, ls="", label=label))
    handles.append(Line2D([], [], ls="", label=f"input: {baseline:.2f} dB"))
    axes.set(xscale="log", xlabel="kMAC per pixel", ylabel=f"PSNR on {name} at x2, luma (dB)")
    axes.margins(x=0.12, y=0.08)
    axes.grid(alpha=0.25, which="both", lw=0.5)
    axes.legend(handles=handles, loc="lower right")
    labels = [(p.label, p.kmac, p.psnr, OURS[p.precision][1]) for p in ours]
    figure.draw_without_rendering()  # labels are placed in the final layout
    _label(axes, [*labels, *((*p, GREY) for p in published)])
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _label(axes: Axes, points: Sequence[tuple[str, float, float, str]]) -> None:
    """Write each point's label near it, with a line to it, where it covers no other point or label."""
    texts = [axes.text(x, y, text, color=color, fontsize=8) for text, x, y, color in points]
    adjust_text(
        texts,
        [x for _, x, _, _ in points],
        [y for _, _, y, _ in points],
        ax=axes,
        objects=[axes.get_legend()],
        expand=(1.1, 1.5),
        arrowprops={"arrowstyle": "-", "lw": 0.5, "color": GREY, "shrinkB": 4},
    )
