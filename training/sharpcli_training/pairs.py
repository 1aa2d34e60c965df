"""Reads a pack and draws training batches from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.pictures import BT601


class Pairs:
    """A pack on disk; `labels`, when given, are a teacher's luma predictions for its training crops."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "pack.json").is_file():
            raise SharpError(f"{folder} is not a pack; make one with `sharpcli train prepare`")
        self.folder = folder
        self.card: dict[str, Any] = json.loads((folder / "pack.json").read_text())
        self.train: NDArray[np.uint8] = np.load(folder / "train.npy", mmap_mode="r")
        self.val: NDArray[np.uint8] = np.load(folder / "val.npy", mmap_mode="r") if self.card["val"] else self.train
        self.labels: NDArray[np.float16] | None = None

    def batch(self, step: int, seed: int, size: int, patch: int) -> tuple[Tensor, Tensor, Tensor | None]:
        """Inputs and originals, `size` x 3 x `patch` x `patch` in [0, 1], and labels of one channel if there are any.

        Drawn from (seed, step) alone, so that a resumed run sees what an unbroken one would have seen.
        """
        rng = np.random.default_rng([seed, step])
        room = (self.train.shape[2] - patch) // 2 + 1
        inputs, originals, labels = [], [], []
        for _ in range(size):
            row = int(rng.integers(len(self.train)))
            # Even places keep the sampling grid of aligned pairs where the network's own half-resolution grid lies.
            y, x = 2 * rng.integers(0, room, size=2)
            turn, flip = int(rng.integers(4)), bool(rng.integers(2))
            cut = np.s_[y : y + patch, x : x + patch]
            inputs.append(_turned(self.train[row, 0][cut], turn, flip))
            originals.append(_turned(self.train[row, 1][cut], turn, flip))
            if self.labels is not None:
                labels.append(_turned(self.labels[row][cut][..., None], turn, flip))
        return to_tensor(inputs), to_tensor(originals), to_tensor(labels) if labels else None

    def validation(self, count: int = 48) -> tuple[Tensor, Tensor]:
        """Inputs and originals of up to `count` held-out crops, evenly chosen."""
        rows = np.unique(np.linspace(0, len(self.val) - 1, count).astype(int))
        return to_tensor(list(self.val[rows, 0])), to_tensor(list(self.val[rows, 1]))


def to_tensor(crops: list[NDArray[Any]]) -> Tensor:
    """H x W x C crops, uint8 or already in [0, 1], as one float32 N x C x H x W tensor in [0, 1]."""
    stacked = torch.from_numpy(np.stack(crops))
    scaled = stacked.float() / 255 if stacked.dtype == torch.uint8 else stacked.float()
    return scaled.permute(0, 3, 1, 2).contiguous()


def to_luma(rgb: Tensor) -> Tensor:
    """N x 3 x H x W to N x 1 x H x W, the luma of `sharpcli.pictures.luma`."""
    return (rgb * torch.from_numpy(BT601).view(1, 3, 1, 1)).sum(1, keepdim=True)


def _turned(crop: NDArray[Any], turn: int, flip: bool) -> NDArray[Any]:
    turned = np.rot90(crop, turn)
    return turned[:, ::-1] if flip else turned
