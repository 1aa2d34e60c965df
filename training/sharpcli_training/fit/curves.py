"""Draws a run's loss and validation PSNR."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def draw_curves(history: list[dict[str, float]], path: Path) -> None:
    """Write a PNG of loss and PSNR (dB) over the steps, with the untouched input's PSNR as a line to beat."""
    steps = [entry["step"] for entry in history]
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(steps, [entry["loss"] for entry in history])
    left.set(xlabel="step", ylabel="training loss (8-bit levels)", yscale="log")
    right.plot(steps, [entry["psnr"] for entry in history], label="network")
    right.plot(steps, [entry["input"] for entry in history], "--", label="untouched input")
    right.set(xlabel="step", ylabel="validation PSNR, luma (dB)")
    right.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)
