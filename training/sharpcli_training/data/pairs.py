"""Reads a pack and draws training batches from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.files.atomic import whole_file
from sharpcli.image.image import BT601
from sharpcli_training.data.derived import luma_file
from sharpcli_training.data.turns import TURNS, turned

Batch = tuple[Tensor, Tensor, Tensor | None]
CPU = torch.device("cpu")


class Pairs:
    """A pack on disk; `labels`, when given, are a teacher's luma predictions for its training crops.

    With `luma` the crops have one channel, which is all that a student sees; else three, and those that are grey are
    left out. Nothing is decoded and nothing but the crops of a batch is read: a pack may be larger than memory.
    `unpaired` is a second pack to train on, never to validate with, whose references mean nothing.
    Raises SharpError for a folder that is no pack, and when nothing is left to train on.
    """

    def __init__(self, folder: Path, luma: bool = False, unpaired: Path | None = None) -> None:
        self.folders = [folder] if unpaired is None else [folder, unpaired]
        for pack in self.folders:
            if not (pack / "pack.json").is_file():
                raise SharpError(f"{pack} is not a pack; make one with `sharpcli train prepare`")
        cards = [json.loads((pack / "pack.json").read_text()) for pack in self.folders]
        self.card: dict[str, Any] = cards[0]
        self.train = [_open(pack, "train", luma) for pack in self.folders]
        # The pairs with colour come first. Packs of before that was known have no such count.
        self.drawn = [card["train"] if luma else card.get("train_color", card["train"]) for card in cards]
        held = self.card["val"] if luma else self.card.get("val_color", self.card["val"])
        self.val = _open(folder, "val", luma)[:held] if held else self.train[0][: self.drawn[0]]
        self.kinds: list[str] = self.card.get("val_kinds", [])[:held]
        """Of each held-out pair, what it went through; empty if the pack does not say it."""
        self.labels: list[NDArray[np.float16]] | None = None
        if not sum(self.drawn):
            raise SharpError(f"all images of {folder} are grey; a network for RGB needs a pack of images with colour")

    def batch(
        self, step: int, seed: int, size: int, patch: int, part: slice = slice(None), device: torch.device = CPU
    ) -> Batch:
        """Inputs and references, `size` x C x `patch` x `patch` in [0, 1], and labels of one channel if there are any.

        Drawn from (seed, step) alone, so that a resumed run sees what an unbroken one would have seen; `part` takes a
        slice of the batch, for runs that share it among processes. Crops reach the device as bytes, to be turned there.
        """
        rng = np.random.default_rng([seed, step])
        room = (self.val.shape[2] - patch) // 2 + 1
        rows = rng.integers(sum(self.drawn), size=size)[part]
        # Even places keep the sampling grid of aligned pairs where the network's own half-resolution grid lies.
        corners = 2 * rng.integers(room, size=(size, 2))[part]
        turns = _moved(rng.integers(TURNS, size=size)[part], device)
        pairs = _moved(self._cut(self.train, rows, corners, patch), device)
        inputs, references = to_unit(turned(pairs, turns)).unbind(1)
        if self.labels is None:
            return inputs, references, None
        planes = [labels[:, None, :, :, None] for labels in self.labels]
        labels = turned(_moved(self._cut(planes, rows, corners, patch), device), turns)
        return inputs, references, labels[:, 0].float()

    def validation(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All held-out inputs and references, as bytes, up to `count` x C x H x W at a time."""
        for start in range(0, len(self.val), count):
            pairs = torch.from_numpy(np.array(self.val[start : start + count])).permute(1, 0, 4, 2, 3)
            yield pairs[0], pairs[1]

    def glance(self, count: int) -> Tensor:
        """Up to `count` of the held-out inputs, evenly chosen, N x C x H x W in [0, 1]."""
        rows = np.unique(np.linspace(0, len(self.val) - 1, count).astype(int))
        return to_unit(torch.from_numpy(self.val[rows, 0]).permute(0, 3, 1, 2))

    def _cut(
        self, packs: Sequence[NDArray[Any]], rows: NDArray[np.int64], corners: NDArray[np.int64], patch: int
    ) -> NDArray[Any]:
        """Crops of the packs' N x M x H x W x C, at these rows and places: rows x M x C x `patch` x `patch`."""
        ends = np.cumsum(self.drawn)
        pack = np.searchsorted(ends, rows, side="right")
        shape = (len(rows), packs[0].shape[1], packs[0].shape[4], patch, patch)
        cut = np.empty(shape, packs[0].dtype)
        for index, crops in enumerate(packs):
            here = pack == index
            windows = sliding_window_view(crops, (patch, patch), axis=(2, 3))
            top, left = corners[here].T
            cut[here] = windows[rows[here] - (ends[index] - self.drawn[index]), :, top, left]
        return cut


def to_unit(levels: Tensor) -> Tensor:
    """Bytes as float32 in [0, 1]."""
    return levels / 255


def _moved(array: NDArray[Any], device: torch.device) -> Tensor:
    """On a GPU the copy is queued like everything else; nobody waits for it."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def _open(folder: Path, split: str, luma: bool) -> NDArray[np.uint8]:
    colors: NDArray[np.uint8] = np.load(folder / f"{split}.npy", mmap_mode="r")
    if not luma:
        return colors
    # Rounded to 8 bits, as the INT8 network will see it; made once, a third of the pack to read.
    path = luma_file(folder, split)
    if not path.is_file():
        with whole_file(path) as file:
            planes = open_memmap(file.name, "w+", np.uint8, (*colors.shape[:4], 1))
            for start in range(0, len(colors), 64):
                planes[start : start + 64] = np.rint(colors[start : start + 64] @ BT601)[..., None]
            planes.flush()
    loaded: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return loaded
