"""Originals that lie decoded on the device, and windows cut out of them by index arithmetic."""

from __future__ import annotations

import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.measure.cores import cores
from sharpcli_training.data.bank import Bank
from sharpcli_training.data.pack_index import IMAGES, Coded, Entry, read_coded, read_index

WINDOW = 144
"""Side of the window of originals that is degraded; a crop from its middle is learned from."""
TURNS = 8
"""Ways to turn and mirror a square."""


class Resident:
    """The images of one split of a pack, as bytes on a device: a luma plane, or R, G and B of those with colour.

    `bank` has those squares of them that were degraded and coded beforehand, if any were.
    """

    def __init__(
        self,
        images: list[NDArray[np.uint8]],
        device: torch.device,
        squares: Sequence[NDArray[np.uint8]] = (),
        coded: Sequence[Coded] = (),
    ) -> None:
        """`images` are C x H x W each, no side shorter than WINDOW; `squares` are those of them that `coded` lists."""
        sizes = np.array([image.shape[1:] for image in images])
        counts = sizes.prod(1)
        offsets = np.cumsum(counts) - counts
        planes = np.concatenate([image.reshape(len(image), -1) for image in images], 1)
        places = (sizes - WINDOW + 1).prod(1).astype(np.float64).cumsum()
        self.device, self.count, self.pixels = device, len(images), int(counts.sum())
        self._planes = torch.from_numpy(planes).to(device)
        self._offsets = torch.from_numpy(offsets).to(device)
        self._heights, self._widths = (torch.from_numpy(sizes[:, axis].copy()).to(device) for axis in (0, 1))
        self._places = torch.from_numpy(places / places[-1]).to(device)
        widths = sizes[:, 1]
        starts = [int(offsets[one.image] + one.top * widths[one.image] + one.left) for one in coded]
        rows = [int(widths[one.image]) for one in coded]
        self.bank = Bank(squares, coded, self._planes, starts, rows) if coded else None

    @classmethod
    def of(cls, pack: Path, split: str, color: bool, device: torch.device) -> Resident:
        """The images of a pack's split (`train` or `val`); raises SharpError when none is large enough."""
        fitting = {
            index: entry
            for index, entry in enumerate(read_index(pack)[1])
            if entry.split == split and min(entry.width, entry.height) >= WINDOW and (entry.mode == "RGB" or not color)
        }
        if not fitting:
            raise SharpError(f"{pack} has no {'colour ' * color}images of {WINDOW} pixels a side for {split!r}")
        places = {index: place for place, index in enumerate(fitting)}
        coded = [replace(one, image=places[one.image]) for one in read_coded(pack) if one.image in fitting]
        content = (pack / IMAGES).read_bytes()

        def decode(entry: Entry | Coded) -> NDArray[np.uint8]:
            with Image.open(io.BytesIO(content[entry.offset : entry.offset + entry.bytes])) as image:
                pixels = np.asarray(image.convert("RGB" if color else "L"))
            return np.moveaxis(pixels, 2, 0) if color else pixels[None]

        with ThreadPoolExecutor(cores()) as pool:
            return cls(list(pool.map(decode, fitting.values())), device, list(pool.map(decode, coded)), coded)

    def windows(self, batch: int, generator: torch.Generator) -> Tensor:
        """Levels, batch x C x WINDOW x WINDOW: every place in every image equally often, turned and mirrored."""
        which, down, right, turn = torch.rand(
            4, batch, generator=generator, device=self.device, dtype=torch.float64
        ).unbind()
        index = torch.searchsorted(self._places, which).clamp(max=self.count - 1)
        height, width = self._heights[index], self._widths[index]
        top, left = (down * (height - WINDOW + 1)).long(), (right * (width - WINDOW + 1)).long()
        turns = (turn * TURNS).long()
        # Turned and mirrored by walking along the image's rows and columns in another order, or backwards.
        down_step, right_step = (torch.where(turns & bit == 0, step, -step) for bit, step in ((2, width), (4, 1)))
        top, left = (torch.where(turns & bit == 0, at, at + WINDOW - 1) for bit, at in ((2, top), (4, left)))
        start = self._offsets[index] + top * width + left
        first = torch.where(turns & 1 == 0, down_step, right_step)
        second = torch.where(turns & 1 == 0, right_step, down_step)
        along = torch.arange(WINDOW, device=self.device)
        rows = start.view(-1, 1, 1) + first.view(-1, 1, 1) * along.view(1, -1, 1)
        return self._planes[:, rows + second.view(-1, 1, 1) * along].movedim(0, 1).float()
