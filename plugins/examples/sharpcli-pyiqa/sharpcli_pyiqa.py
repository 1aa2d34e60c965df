"""Metrics of pyiqa (https://github.com/chaofengc/IQA-PyTorch) for `sharpcli score`."""

# pyiqa and torch are imported when a metric is used: `sharpcli metrics` has to answer at once.
from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from contextlib import redirect_stdout
from typing import Any

from sharpcli.plugin import Metric, SharpError, hookimpl

ONE_AT_A_TIME = threading.Lock()
"""pyiqa sets switches of the whole process while it measures, and some of its metrics keep what they measured."""


class PyiqaMetric(Metric):
    """A metric that pyiqa knows by the same name; on the GPU where torch finds one."""

    color = "rgb"

    def __init__(self) -> None:
        self._model: Any = None
        self._trouble = ""

    def measure(self, result: Any, reference: Any) -> float:
        """Pyiqa's figure of whole RGB images; raises SharpError when its weights cannot be had."""
        seen = (result, reference) if self.reference else (result,)
        with ONE_AT_A_TIME:
            model = self._loaded()
            import torch  # which pyiqa has brought

            return float(
                model(*(torch.from_numpy(one.transpose(2, 0, 1)[None].astype("float32") / 255) for one in seen))
            )

    def _loaded(self) -> Any:
        import pyiqa

        if self._model is None and not self._trouble:
            try:
                with redirect_stdout(sys.stderr):  # where it tells what it loads; the table goes to stdout
                    model = pyiqa.create_metric(self.name)
            except OSError as error:  # what both urllib and requests raise; kept, or every image would wait for it
                self._trouble = (
                    f"metric {self.name}: pyiqa cannot fetch its weights ({' '.join(str(error).split())}); "
                    "use it once where there is a network, or copy ~/.cache/torch/hub from a machine that has them"
                )
            else:
                stated, declared = (model.lower_better, model.metric_mode), (not self.higher_is_better, self._mode())
                if stated == declared:
                    self._model = model
                else:
                    self._trouble = (
                        f"metric {self.name}: this pyiqa says (lower is better, mode) {stated} where sharpcli-pyiqa "
                        f"says {declared}; install a newer sharpcli-pyiqa"
                    )
        if self._trouble:
            raise SharpError(self._trouble)
        return self._model

    def _mode(self) -> str:
        """Full reference or no reference, as pyiqa calls them."""
        return "FR" if self.reference else "NR"


class Lpips(PyiqaMetric):
    """Zhang and others, "The unreasonable effectiveness of deep features as a perceptual metric", CVPR 2018."""

    name = "lpips"
    summary = "distance of AlexNet's features (weights are downloaded on first use)"
    higher_is_better = False
    least = 31


class Niqe(PyiqaMetric):
    """Mittal, Soundararajan and Bovik, "Making a completely blind image quality analyzer", 2013."""

    name = "niqe"
    summary = "how unnatural an image's statistics are (weights are downloaded on first use)"
    places = 2
    higher_is_better = False
    reference = False
    least = 96


class Gmsd(PyiqaMetric):
    """Xue and others, "Gradient magnitude similarity deviation", IEEE Transactions on Image Processing 23(2), 2014."""

    name = "gmsd"
    summary = "deviation of gradient magnitude similarity"
    higher_is_better = False
    least = 4


class Fsim(PyiqaMetric):
    """Zhang and others, "FSIM: a feature similarity index", IEEE Transactions on Image Processing 20(8), 2011."""

    name = "fsim"
    summary = "similarity of phase congruency, gradients and colours"
    least = 2


class Piqe(PyiqaMetric):
    """Venkatanath and others, "Blind image quality evaluation using perception based features", 2015."""

    name = "piqe"
    summary = "share of distorted blocks"
    places = 2
    higher_is_better = False
    reference = False
    least = 8


@hookimpl
def metrics() -> Iterable[type[Metric]]:
    """Two that everybody asks for, and three that need no weights."""
    return [Lpips, Niqe, Gmsd, Fsim, Piqe]
