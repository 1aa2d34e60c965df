"""Reads a pack and draws training batches from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.image.image import BT601

Batch = tuple[Tensor, Tensor, Tensor | None]


class Pairs:
    """A pack on disk; `labels`, when given, are a teacher's luma predictions for its training crops.

    With `luma` the crops have one channel, which is all that a student sees; else three. Nothing is decoded and
    nothing but the crops of a batch is read: a pack may be larger than memory. `unpaired` is a second pack to train on,
    never to validate with, whose references mean nothing.
    """

    def __init__(self, folder: Path, luma: bool = False, unpaired: Path | None = None) -> None:
        self.folders = [folder] if unpaired is None else [folder, unpaired]
        for pack in self.folders:
            if not (pack / "pack.json").is_file():
                raise SharpError(f"{pack} is not a pack; make one with `sharpcli train prepare`")
        self.card: dict[str, Any] = json.loads((folder / "pack.json").read_text())
        self.train = [_open(pack, "train", luma) for pack in self.folders]
        self.val = _open(folder, "val", luma) if self.card["val"] else self.train[0]
        self.labels: list[NDArray[np.float16]] | None = None

    def batch(self, step: int, seed: int, size: int, patch: int, part: slice = slice(None)) -> Batch:
        """Inputs and references, `size` x C x `patch` x `patch` in [0, 1], and labels of one channel if there are any.

        Drawn from (seed, step) alone, so that a resumed run sees what an unbroken one would have seen; `part` takes a
        slice of the batch, for runs that share it among processes.
        """
        rng = np.random.default_rng([seed, step])
        room = (self.val.shape[2] - patch) // 2 + 1
        rows = rng.integers(sum(len(train) for train in self.train), size=size)
        # Even places keep the sampling grid of aligned pairs where the network's own half-resolution grid lies.
        corners = 2 * rng.integers(room, size=(size, 2))
        turns = rng.integers(8, size=size)
        inputs, references, labels = [], [], []
        for place, (y, x), turn in list(zip(rows, corners, turns, strict=True))[part]:
            pack = int(place >= len(self.train[0]))
            row = place - pack * len(self.train[0])
            cut = np.s_[y : y + patch, x : x + patch]
            inputs.append(_turned(self.train[pack][row, 0][cut], turn))
            references.append(_turned(self.train[pack][row, 1][cut], turn))
            if self.labels is not None:
                labels.append(_turned(self.labels[pack][row][cut][..., None], turn))
        return to_tensor(inputs), to_tensor(references), to_tensor(labels) if labels else None

    def validation(self, count: int = 96) -> tuple[Tensor, Tensor]:
        """Inputs and references of up to `count` held-out crops, evenly chosen."""
        rows = np.unique(np.linspace(0, len(self.val) - 1, count).astype(int))
        return to_tensor(list(self.val[rows, 0])), to_tensor(list(self.val[rows, 1]))


def to_tensor(crops: list[NDArray[Any]]) -> Tensor:
    """H x W x C crops, uint8 or already in [0, 1], as one float32 N x C x H x W tensor in [0, 1]."""
    stacked = torch.from_numpy(np.stack(crops))
    scaled = stacked.float() / 255 if stacked.dtype == torch.uint8 else stacked.float()
    return scaled.permute(0, 3, 1, 2).contiguous()


def _turned(crop: NDArray[Any], turn: int) -> NDArray[Any]:
    """One of the eight ways to lay a square: 0-3 quarter turns, and the same mirrored."""
    turned = np.rot90(crop, turn % 4)
    return turned[:, ::-1] if turn >= 4 else turned


def _open(folder: Path, split: str, luma: bool) -> NDArray[np.uint8]:
    colors: NDArray[np.uint8] = np.load(folder / f"{split}.npy", mmap_mode="r")
    if not luma:
        return colors
    # Rounded to 8 bits, as the INT8 network will see it; made once, a third of the pack to read.
    path = folder / f"{split}-luma.npy"
    if not path.is_file():
        with whole_file(path) as file:
            planes = open_memmap(file.name, "w+", np.uint8, (*colors.shape[:4], 1))
            for start in range(0, len(colors), 64):
                planes[start : start + 64] = np.rint(colors[start : start + 64] @ BT601)[..., None]
            planes.flush()
    loaded: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return loaded
