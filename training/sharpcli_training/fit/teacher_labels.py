"""A teacher's predictions for a whole pack, computed once and then as cheap to learn from as the references."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from sharpcli.files.atomic import whole_file
from sharpcli_training.data.pairs import Pairs, to_tensor
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.networks.base import to_luma
from sharpcli_training.networks.build import forward


@torch.no_grad()
def label(teacher: Path, pairs: Pairs, report: Callable[[int, int], None], batch: int = 16) -> NDArray[np.float16]:
    """The luma of the teacher's predictions for every training crop: float16, N x 128 x 128, in [0, 1].

    Kept in the pack's folder under the checkpoint's hash and read from there the next time. `report(done, total)` is
    called as it goes. Raises SharpError when `teacher` holds no checkpoint.
    """
    _, network, _ = load_run(teacher)
    digest = hashlib.sha256((teacher / "checkpoint.pt").read_bytes()).hexdigest()[:12]
    path = pairs.folders[0] / f"labels-{digest}.npy"
    if not path.is_file():
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        with whole_file(path) as file:
            labels = open_memmap(file.name, "w+", np.float16, (len(pairs.train[0]), *pairs.train[0].shape[2:4]))
            for start in range(0, len(labels), batch):
                inputs = to_tensor(list(pairs.train[0][start : start + batch, 0])).to(device)
                with torch.autocast(device.type, torch.bfloat16):
                    predicted = forward(network, inputs).float()
                labels[start : start + batch] = to_luma(predicted)[:, 0].clamp(0, 1).half().cpu().numpy()
                report(min(start + batch, len(labels)), len(labels))
            labels.flush()
    loaded: NDArray[np.float16] = np.load(path, mmap_mode="r")
    return loaded
