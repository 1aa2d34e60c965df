"""What a network is trained to make small."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from sharpcli.errors import SharpError
from sharpcli_training.networks.base import to_luma
from sharpcli_training.recipe import Recipe


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


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "mse": _mse,
    "l1": _l1,
    "relative_mse": _relative_mse,
    "log_mse": _log_mse,
}
