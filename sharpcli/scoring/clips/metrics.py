"""The figures that only clips have: those of what changes from one frame to the next."""

from __future__ import annotations

from sharpcli.plugin.metric import Metric
from sharpcli.scoring.metrics import Psnr


class TemporalPsnr(Psnr):
    """PSNR of the differences between neighbouring frames, result against reference, peak 255."""

    name = "temporal-psnr"
    summary = "peak signal-to-noise ratio of the differences between neighbouring frames"


class Flicker(Metric):
    """How many times as much a result changes where the scene holds still; see `motion.py`."""

    name = "flicker"
    summary = "changes between frames where the reference holds still, as a multiple of the input's"
    places = 2
    higher_is_better = False


OF_CLIPS: dict[str, type[Metric]] = {metric.name: metric for metric in (TemporalPsnr, Flicker)}
"""By name; every clip has them, whatever metrics are chosen."""
