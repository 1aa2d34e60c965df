"""Squares that were degraded and coded beforehand, beside the originals that lie on the device."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sharpcli_training.data.degradation.draw import Draw
from sharpcli_training.data.degradation.known import known_draws
from sharpcli_training.data.pack_index import Coded


class Bank:
    """Coded squares as bytes on a device, each with its place among the originals and what it went through."""

    def __init__(
        self,
        squares: Sequence[NDArray[np.uint8]],
        coded: Sequence[Coded],
        originals: Tensor,
        starts: list[int],
        rows: list[int],
    ) -> None:
        """`squares` are C x side x side each.

        `originals` has the images they come from, C x pixels: a square begins at `starts`, and its next row lies `rows`
        further.
        """
        device = originals.device
        planes = np.concatenate([square.reshape(len(square), -1) for square in squares], 1)
        self._coded, self._originals = torch.from_numpy(planes).to(device), originals
        sides = [one.side for one in coded]
        self._sides, self._starts, self._rows = (torch.tensor(each, device=device) for each in (sides, starts, rows))
        self._offsets = self._sides.square().cumsum(0) - self._sides.square()
        self._draws = known_draws([one.draw for one in coded], device)

    def crops(self, batch: int, side: int, edge: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Draw]:
        """Levels of coded crops, and of the same places in the originals, batch x C x side x side, and their draws.

        Every square equally often, and every place in it that is `edge` pixels or more from its border. They are not
        turned: codecs predict from the left and from above.
        """
        device = self._sides.device
        which, down, right = torch.rand(3, batch, generator=generator, device=device, dtype=torch.float64).unbind()
        index = (which * len(self._sides)).long()
        places = self._sides[index] - side - 2 * edge + 1
        along = torch.arange(side, device=device)
        row = ((down * places).long() + edge).view(-1, 1, 1) + along.view(1, -1, 1)
        column = ((right * places).long() + edge).view(-1, 1, 1) + along.view(1, 1, -1)
        levels = []
        for planes, starts, rows in (
            (self._coded, self._offsets, self._sides),
            (self._originals, self._starts, self._rows),
        ):
            place = starts[index].view(-1, 1, 1) + row * rows[index].view(-1, 1, 1) + column
            levels.append(planes[:, place].movedim(0, 1).float())
        return levels[0], levels[1], self._draws.of(index)
