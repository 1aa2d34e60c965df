"""Finds what a network takes for white, and the order of its channels, by what it makes of a photograph."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TypeVar, cast

import numpy as np

from sharpcli.errors import SharpError
from sharpcli.image.image import FloatPixels, luma
from sharpcli.image.resample import resize
from sharpcli.image.sample import photograph
from sharpcli.inference.generic import ForeignNetwork, Form, Order, Peak
from sharpcli.scaffold.onnx.questions import ORDER, PEAK, Ask

T = TypeVar("T")
SIDE = 160
"""Pixels of a side of what the network is given, at least."""
ALIKE = 16
"""dB, less than which a result is another image."""
BROKEN, BETTER = 3, 1
"""dB by which a choice must be better: than one that makes another image, than one that makes the same image."""


@dataclass(frozen=True)
class Look:
    """PSNR in dB of a photograph that was shrunk by two or by the network's scale: enlarged again, and as the network
    has it.
    """

    before: float
    after: float


def looks_of(
    path: Path, shown_as: str, form: Form, scale: int, kind: str, order: Order | None, peak: Peak | None, ask: Ask
) -> tuple[Form, Look]:
    """The form with order and peak, as given, seen or answered; and what the network does to a photograph.

    Raises SharpError where no choice gives a result that resembles the photograph.
    """
    orders: tuple[Order, ...] = (order,) if order else ("rgb", "bgr") if form.channels == 3 else ("rgb",)
    # Bytes leave no choice.
    peaks: tuple[Peak, ...] = (255,) if kind == "uint8" else (peak,) if peak else (1, 255)
    given, soft, sharp = _photograph(form, scale)
    made = {(one, white): ForeignNetwork(path, _with(form, one, white))(given) for one, white in product(orders, peaks)}
    alike = {pair: _psnr(result, soft) for pair, result in made.items()}
    _check(max(alike.values()), shown_as)
    before = _psnr(soft, sharp)
    after = {pair: _psnr(result, sharp) for pair, result in made.items()}
    white = _white({one: max((alike[o, one], after[o, one]) for o in orders) for one in peaks}, before)
    known = (white,) if white else peaks
    first = _best({one: max(after[one, peak] for peak in known) for one in orders}, BETTER)
    questions = [question for question, found in ((PEAK, white), (ORDER, first)) if found is None]
    answers = ask(questions) if questions else {}
    chosen = first or cast(Order, answers[ORDER.name]), white or cast(Peak, int(answers[PEAK.name]))
    _check(alike[chosen], shown_as)
    return _with(form, *chosen), Look(before, after[chosen])


def _check(alike: float, shown_as: str) -> None:
    if alike < ALIKE:
        raise SharpError(
            f"the output of {shown_as} does not resemble its input ({alike:.0f} dB); it must use values from 0 to 1 or "
            "0 to 255 and return the sharpened image, not a residual"
        )


def _with(form: Form, order: Order, peak: Peak) -> Form:
    return replace(form, order=order, peak=peak)


def _white(seen: Mapping[Peak, tuple[float, float]], before: float) -> Peak | None:
    """The value of white from how alike result and input are, and how alike result and original.

    With the wrong one a network makes another image, or hardly changes it. So likeness to the input decides only
    against what is another image; otherwise the photograph has to have become better.
    """
    alike = {peak: pair[0] for peak, pair in seen.items()}
    if min(alike.values()) < ALIKE:
        return _best(alike, BROKEN)
    best = _best({peak: pair[1] for peak, pair in seen.items()}, BETTER)
    return best if best and (len(seen) == 1 or seen[best][1] >= before + BETTER) else None


def _best(figures: Mapping[T, float], margin: float) -> T | None:
    """The choice that is better than all others by a margin."""
    first, *others = sorted(figures, key=lambda one: -figures[one])
    return None if others and figures[first] - figures[others[0]] < margin else first


def _photograph(form: Form, scale: int) -> tuple[FloatPixels, FloatPixels, FloatPixels]:
    """What the network is given of a colourful photograph, the same at full size, and the photograph."""
    shrunk = max(scale, 2)
    step = math.lcm(form.multiple * scale, shrunk)
    side = -(-SIDE * scale // step) * step
    sharp = photograph((side, side)).pixels
    small = resize(sharp, (side // shrunk, side // shrunk))
    soft = resize(small, (side, side))
    levels = (small if scale > 1 else soft, soft, sharp)
    given, before, original = (np.divide(pixels, 255, dtype=np.float32) for pixels in levels)
    return (luma(given), luma(before), luma(original)) if form.channels == 1 else (given, before, original)


def _psnr(result: FloatPixels, wanted: FloatPixels) -> float:
    """In dB, peak 1; 0 for what is no number."""
    error = float(np.square(result.clip(0, 1) - wanted, dtype=np.float64).mean())
    return 10 * math.log10(1 / max(error, 1e-10)) if math.isfinite(error) else 0.0
