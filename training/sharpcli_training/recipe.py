"""Recipes: everything that decides a training run, read from TOML."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from sharpcli.errors import SharpError
from sharpcli_training.settings import packaged, read_settings


@dataclass(frozen=True)
class Recipe:
    """One run's settings; the fields are the keys of the TOML file."""

    network: str
    """`student` or `teacher`."""
    channels: int
    layers: int
    """Inner 3x3 layers of a student, residual trunk blocks of a teacher."""
    steps: int
    peak_rate: float
    """Highest learning rate: reached after `warmup`, then a half cosine down to zero."""
    optimizer: str = "adam"
    """`adam`, `soap` or `muon`; the last two take matrices only and leave the rest to Adam, `muon` both ends too."""
    vector_rate: float = 0.0
    """Highest rate of what `soap` and `muon` leave to Adam; 0 for the same rate."""
    blocks: str = "plain"
    """A student's layers while they learn: `plain`, `collapsible` or `edge`; all fold into plain ones."""
    quantize: bool = False
    """Compute a student with the 8-bit weights and features of an INT8 engine."""
    batch: int = 16
    patch: int = 64
    warmup: float = 0.03
    """Share of the steps in which the rate climbs."""
    loss: str = "mse"
    """`mse`, `l1`, `log_mse` (of each crop: easy ones count like hard ones) or `relative_mse` (to the input)."""
    luma_share: float = 0.0
    """Part of an RGB network's loss that is taken on luma."""
    finish_share: float = 0.0
    """Share of the steps, at the end, with the loss `mse` on crops of `finish_patch`, as many pixels a batch."""
    finish_patch: int = 128
    teacher_share: float = 0.0
    """Weight of the teacher's predictions in a student's loss; the rest is the reference's."""
    clip: float = 0.0
    """Largest gradient norm, 0 for no limit."""
    ema: float = 0.999
    """Decay of the running mean of the weights, which is what is validated and exported."""
    bf16_share: float = 0.0
    """Share of the steps, from the start, that compute in bfloat16."""
    seed: int = 0
    validate_every: int = 500

    def batch_of(self, patch: int) -> int:
        """Crops of that size in a batch: as many pixels as `batch` crops of `patch` have."""
        return max(1, round(self.batch * (self.patch / patch) ** 2))


_BOOLS = {"true": True, "false": False}


def builtin_recipes() -> dict[str, Path]:
    """Name and file of the recipes in the package."""
    return packaged("recipes")


def load_recipe(name: str, changes: tuple[str, ...] = ()) -> Recipe:
    """The recipe of that name or file, `changes` ("steps=100") applied; raises SharpError for what it does not know."""
    settings = read_settings("recipes", "recipe", name)
    for change in changes:
        key, _, text = change.partition("=")
        settings[key] = text
    return _checked(settings)


def _checked(settings: dict[str, Any]) -> Recipe:
    kinds = get_type_hints(Recipe)
    values: dict[str, Any] = {}
    for key, value in settings.items():
        if key not in kinds:
            raise SharpError(f"a recipe has no setting {key!r}; it has {', '.join(kinds)}")
        try:
            values[key] = _BOOLS[str(value).lower()] if kinds[key] is bool else kinds[key](value)
        except (KeyError, ValueError) as error:
            raise SharpError(f"{key} must be of type {kinds[key].__name__}, not {value!r}") from error
    missing = [f.name for f in dataclasses.fields(Recipe) if f.default is dataclasses.MISSING and f.name not in values]
    if missing:
        raise SharpError(f"the recipe lacks {', '.join(missing)}")
    return Recipe(**values)
