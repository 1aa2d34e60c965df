"""What a network is trained to make small."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn.functional import avg_pool2d

from sharpcli.errors import SharpError
from sharpcli_training.networks.base import to_luma
from sharpcli_training.recipe import Recipe

HARM = 2.0
"""How much more it costs to make a frame worse than is earned by making it better, in loss `steady`; more still where
it came with little error."""
STEADINESS = 0.5
"""Weight of what changes from frame to frame, in loss `steady`."""
STILL = 3.0
"""Levels by which a block of 16 x 16 that holds still may change in the mean."""


def restoration_loss(
    recipe: Recipe, degraded: Tensor, sharpened: Tensor, reference: Tensor, label: Tensor | None, kind: str
) -> Tensor:
    """Distance `kind` to the reference, to the teacher's prediction, or to both by the recipe's `teacher_share`.

    All N x C x H x W in [0, 1]; `label` may be None only where that share is 0. Of an RGB network's distance the
    recipe's `luma_share` is taken on luma, the channel that figures are given for.
    """
    # In 8-bit levels: squared errors of [0, 1] values are so small that they would meet Adam's epsilon.
    degraded, sharpened, reference = 255 * degraded, 255 * sharpened, 255 * reference

    def distance(result: Tensor, target: Tensor) -> Tensor:
        if result.shape[1] == 1:
            return LOSSES[kind](result, to_luma(target), to_luma(degraded))
        return LOSSES[kind](result, target, degraded)

    loss = distance(sharpened, reference)
    if recipe.luma_share and sharpened.shape[1] == 3:
        on_luma = distance(to_luma(sharpened), to_luma(reference))
        loss = (1 - recipe.luma_share) * loss + recipe.luma_share * on_luma
    share = recipe.teacher_share
    if not share:
        return loss
    assert label is not None
    # A label is luma, so that of an RGB network's prediction is compared with it.
    return (1 - share) * loss + share * distance(to_luma(sharpened), 255 * label)


def check_loss(recipe: Recipe, labelled: bool) -> None:
    """Raise SharpError for a loss that does not exist, and for one on labels that are not there."""
    if recipe.loss not in LOSSES:
        raise SharpError(f"loss must be one of {', '.join(LOSSES)}, not {recipe.loss!r}")
    if recipe.teacher_share and not labelled:
        raise SharpError(
            f"teacher_share is {recipe.teacher_share:g} and there are no labels; give a teacher, or set it to 0"
        )


def _mse(sharpened: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    return nn.functional.mse_loss(sharpened, reference)


def _l1(sharpened: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    return nn.functional.l1_loss(sharpened, reference)


def _relative_mse(sharpened: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    """Each crop's error as a share of what it came with: spoiling a good image costs what mending a bad one earns.

    The constant (levels squared, about 41 dB) keeps crops that came without error from ruling all.
    """
    came, left = ((image - reference).square().mean((1, 2, 3)) for image in (degraded, sharpened))
    return (left / (came + 5)).mean()


def _log_mse(sharpened: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    """The mean PSNR over crops but for sign and scale; the 1 keeps a crop that came back untouched from ruling all."""
    return ((sharpened - reference).square().mean((1, 2, 3)) + 1).log().mean()


def _steady(sharpened: Tensor, reference: Tensor, degraded: Tensor) -> Tensor:
    """For pairs of frames that follow one another: the relative error of each, that of what changes between them, and
    by how much more than before it changes where the scene holds still.

    A crop that becomes worse costs more than one that becomes better earns, so that in doubt nothing is done. Raises
    SharpError for crops that are no such pairs.
    """
    if len(sharpened) % 2:
        raise SharpError("loss steady needs a pack of consecutive frames; make one with `sharpcli train calls`")
    came, left = ((image - reference).square().mean((1, 2, 3)) for image in (degraded, sharpened))
    each = left / (came + 20) + HARM * (left - came).relu() / (came + 4)
    due, was, now = (image[1::2] - image[::2] for image in (reference, degraded, sharpened))
    came, left = ((change - due).square().mean((1, 2, 3)) for change in (was, now))
    between = (left + HARM * (left - came).relu()) / (came + 10)
    still = avg_pool2d(due.abs(), 16) < STILL
    came, left = (avg_pool2d(change.abs(), 16) for change in (was, now))
    flicker = ((left - came).relu() * still).mean((1, 2, 3)) / (came.mean((1, 2, 3)) + 0.5)
    return each.mean() + STEADINESS * (between.mean() + flicker.mean())


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "mse": _mse,
    "l1": _l1,
    "relative_mse": _relative_mse,
    "log_mse": _log_mse,
    "steady": _steady,
}
