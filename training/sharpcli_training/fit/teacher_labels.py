"""A teacher's predictions for a whole pack, computed once and then as cheap to learn from as the references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
from torch import Tensor

from sharpcli.files.atomic import whole_file
from sharpcli_training.data.derived import labels_file
from sharpcli_training.data.pairs import to_unit
from sharpcli_training.data.turns import TURNS, turned, turned_back
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.networks.base import RestorationNetwork, to_luma
from sharpcli_training.networks.build import forward

BATCH = {"cpu": 16, "cuda": 256}
"""Crops that are labelled at once, by the type of the device."""


@torch.no_grad()
def label(teacher: Path, pack: Path, report: Callable[[int, int], None]) -> NDArray[np.float16]:
    """The luma of the teacher's predictions for every training crop: float16, N x 128 x 128, in [0, 1].

    The mean over the eight ways to turn and mirror a crop (Timofte et al., 2016): better labels for eight times the
    work, which is done once. Kept in the pack's folder under the hashes of checkpoint and pairs, and read from there
    the next time. `report(done, total)` is called as it goes. Raises SharpError when `teacher` holds no checkpoint.
    """
    _, network, _ = load_run(teacher)
    digest = hashlib.sha256((teacher / "checkpoint.pt").read_bytes()).hexdigest()[:12]
    path = labels_file(pack, f"{digest}-x{TURNS}")
    if not path.is_file():
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        batch = BATCH[device.type]
        network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        with whole_file(path) as file:
            pairs: NDArray[np.uint8] = np.load(pack / "train.npy", mmap_mode="r")
            labels = open_memmap(file.name, "w+", np.float16, (len(pairs), *pairs.shape[2:4]))
            for start in range(0, len(labels), batch):
                crops = torch.from_numpy(np.array(pairs[start : start + batch, 0])).to(device).permute(0, 3, 1, 2)
                labels[start : start + batch] = _predicted(network, crops).clamp(0, 1).half().cpu().numpy()
                report(min(start + batch, len(labels)), len(labels))
            labels.flush()
    loaded: NDArray[np.float16] = np.load(path, mmap_mode="r")
    return loaded


def _predicted(network: RestorationNetwork, crops: Tensor) -> Tensor:
    """Luma, N x S x S, of bytes, N x 3 x S x S."""
    total = torch.zeros(len(crops), 1, *crops.shape[2:], device=crops.device)
    for turn in range(TURNS):
        turns = torch.full((len(crops),), turn, device=crops.device)
        with torch.autocast(crops.device.type, torch.bfloat16):
            predicted = forward(network, to_unit(turned(crops, turns)))
        total += to_luma(turned_back(predicted.float(), turns))
    return total[:, 0] / TURNS
