"""Where a result is farthest from its reference, to be looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sharpcli.image.crops import CROP_SIDE, most_different, window
from sharpcli.image.image import Pixels
from sharpcli.scoring.pairs import Pair
from sharpcli.scoring.score import Score, read_rgb
from sharpcli.scoring.tables import leading, ranked

COUNT = 3


def worst(scores: Sequence[Score], pairs: Sequence[Pair]) -> list[tuple[Score, Mapping[str, Pixels]]]:
    """The three results that are worst by `ranked`, each with its `worst_crops`; none whose figure is infinite.

    `pairs` are those of the scores, and more. Raises ImageError when a file has changed.
    """
    by_name = {pair[0]: pair for pair in pairs}
    different = [score for score in ranked(scores)[1] if score.result[leading(score)] != math.inf]
    return [(score, worst_crops(by_name[score.name])) for score in different[:COUNT]]


def worst_crops(pair: Pair) -> dict[str, Pixels]:
    """Input (where given), result and reference, each uint8 H x W x 3 of at most 160 pixels a side, where the result
    is farthest from the reference.
    """
    _, result, reference, baseline = pair
    pixels = {"result": read_rgb(result), "reference": read_rgb(reference)}
    if baseline:
        pixels = {"input": read_rgb(baseline), **pixels}
    height, width = pixels["result"].shape[:2]
    place = most_different([(pixels["result"], pixels["reference"])], CROP_SIDE)
    rows, columns = window(place, CROP_SIDE, (width, height))
    return {name: whole[rows, columns].copy() for name, whole in pixels.items()}
