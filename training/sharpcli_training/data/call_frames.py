"""The frames of a pack of calls on a device, and batches of pairs of them that follow one another."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from sharpcli.errors import SharpError
from sharpcli.measure.cores import cores
from sharpcli_training.data.call_index import FRAMES, TOGETHER, Call, Line, read_calls
from sharpcli_training.data.degradation.draw import FAMILIES, Draw
from sharpcli_training.data.degradation.known import known_draws

RESAMPLING = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
UPS, AREA = ("bicubic", "lanczos", "bilinear"), 2
"""`Draw.up` counts through the first; the other is what `Draw.down` has for box and triangle."""


class CallFrames:
    """The runs of one split of a pack of calls, as bytes on a device."""

    bank = None

    def __init__(self, calls: Sequence[Call], frames: Sequence[NDArray[np.uint8]], device: torch.device) -> None:
        """`frames` are 2 x TOGETHER x H x W each: degraded ones, of the references' size, and the references."""
        self.device, self.count = device, len(calls)
        sizes = np.array([one.shape[2:] for one in frames])
        counts = sizes.prod(1)
        self.pixels = int(counts.sum())
        planes = np.concatenate([one.reshape(2 * TOGETHER, -1) for one in frames], 1)
        self._planes = torch.from_numpy(planes).to(device)
        self._offsets = torch.from_numpy(np.cumsum(counts) - counts).to(device)
        self._heights, self._widths = (torch.from_numpy(sizes[:, axis].copy()).to(device) for axis in (0, 1))
        self._draws = known_draws([_drawn(call.line) for call in calls], device)

    @classmethod
    def of(cls, pack: Path, split: str, device: torch.device) -> CallFrames:
        """Those of a pack's split; raises SharpError when it has none."""
        calls = [call for call in read_calls(pack)[1] if call.split == split]
        if not calls:
            raise SharpError(f"{pack} has no runs of frames for {split!r}; make one with more")
        with ThreadPoolExecutor(cores()) as pool:
            return cls(calls, list(pool.map(partial(_decoded, (pack / FRAMES).read_bytes()), calls)), device)

    def crops(self, batch: int, side: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Draw]:
        """Degraded crops and their references, batch x 1 x side x side in [0, 1], and what they went through.

        Every run equally often, and every place in it. Crops that follow one another are of frames that do. They are
        not turned: codecs predict from the left and from above.
        """
        which, down, right = torch.rand(
            3, batch // TOGETHER, generator=generator, device=self.device, dtype=torch.float64
        ).unbind()
        index = (which * self.count).long()
        top, left = (
            (share * (sides[index] - side + 1)).long().view(-1, 1, 1)
            for share, sides in ((down, self._heights), (right, self._widths))
        )
        along = torch.arange(side, device=self.device)
        rows, columns = top + along.view(1, -1, 1), left + along.view(1, 1, -1)
        place = self._offsets[index].view(-1, 1, 1) + rows * self._widths[index].view(-1, 1, 1) + columns
        levels = self._planes[:, place].transpose(0, 1)  # runs x (degraded, degraded, reference, reference) x ...
        parts = torch.split(levels, TOGETHER, 1)
        degraded, reference = (part.reshape(-1, 1, side, side).float() / 255 for part in parts)
        return degraded, reference, self._draws.of(index[:, None].expand(-1, TOGETHER).flatten())


def video_loss(error: float) -> float:
    """What coding cost, in levels, as the degradation vector says it: 1 for 1, 2 for 3, 3 for 7."""
    return math.log2(1 + error)


def _drawn(line: Line) -> dict[str, float]:
    """What a run went through, as a draw: what a codec cost stands where JPEG's loss does."""
    family = "resampled" if line.scale > 1 else "touched" if line.codec else "sharp"
    values = {"family": FAMILIES.index(family), "noise": line.noise, "correlation": line.noise_width}
    values |= {"sharpen": line.sharpened, "jpeg": bool(line.codec), "quality": 105 - 30 * video_loss(line.error)}
    if line.scale > 1:
        up = UPS.index(line.enlarge)
        values |= {"resample": True, "scale": line.scale, "down": AREA, "box": line.shrink == "box", "up": up}
    return values


def _decoded(content: bytes, call: Call) -> NDArray[np.uint8]:
    """2 x TOGETHER x H x W."""
    begin, middle = call.offset, call.offset + call.came
    degraded = _frames(content[begin:middle])
    reference = _frames(content[middle : middle + call.due]) if call.due else degraded
    if degraded[0].size != reference[0].size:
        degraded = [frame.resize((call.width, call.height), RESAMPLING[call.line.enlarge]) for frame in degraded]
    return np.stack([np.stack([np.asarray(frame) for frame in frames]) for frames in (degraded, reference)])


def _frames(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as opened:
        image = opened.convert("L")
    height = image.height // TOGETHER
    return [image.crop((0, place * height, image.width, (place + 1) * height)) for place in range(TOGETHER)]
