"""Where results are farthest from their references, to be looked at: places of images, seconds of clips."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sharpcli.image.crops import CROP_SIDE, most_different, window
from sharpcli.image.image import Pixels
from sharpcli.scoring.clips.metrics import Flicker
from sharpcli.scoring.clips.score import ClipScore
from sharpcli.scoring.pairs import Pair
from sharpcli.scoring.score import Score, read_rgb
from sharpcli.scoring.tables import leading, ranked

COUNT = 3


def worst(scores: Sequence[Score], pairs: Sequence[Pair]) -> list[tuple[Score, Mapping[str, Pixels]]]:
    """The three images that are worst by `ranked`, each with its `worst_crops`; none whose figure is infinite.

    `pairs` are those of the scores, and more. Raises ImageError when a file has changed.
    """
    by_name = {pair[0]: pair for pair in pairs}
    images = [score for score in scores if not isinstance(score, ClipScore)]
    different = [score for score in (ranked(images)[1] if images else ()) if score.result[leading(score)] != math.inf]
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


def worst_seconds(scores: Sequence[Score]) -> list[tuple[str, ClipScore, Score]]:
    """The three seconds of all clips that are worst by `ranked`, and the three that flicker most.

    Each with what it is worst by and its clip; none that is as good as can be, and none that flickers less than the
    input.
    """
    clips = [score for score in scores if isinstance(score, ClipScore)]
    of = {id(second): clip for clip in clips for second in clip.seconds}
    seconds = [second for clip in clips for second in clip.seconds]
    if not seconds:
        return []
    column, by_figure = ranked(seconds)
    different = [second for second in by_figure if second.result[leading(second)] != math.inf]
    flickering = [second for second in seconds if second.result.get(Flicker.name, 0) > 1]
    flickering.sort(key=lambda second: -second.result[Flicker.name])
    why: dict[int, list[str]] = {}
    for by, found in ((column, different[:COUNT]), (Flicker.name, flickering[:COUNT])):
        for second in found:
            why.setdefault(id(second), []).append(by)
    shown = {id(second): second for second in (*different, *flickering)}
    return [(", ".join(by).replace("_", " "), of[key], shown[key]) for key, by in why.items()]
