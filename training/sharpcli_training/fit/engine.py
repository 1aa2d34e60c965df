"""Where a run computes: in this process alone, or shared with the others that torchrun started."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import cast

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs
from torch import Tensor, nn

from sharpcli_training.fit.threads import keep_to_cores


class Engine:
    """One process's part in a run: its device, its slice of each batch, and what it has to do with the others.

    `rank` counts the processes of all machines from 0 to `count` - 1. A process alone goes through the same calls, and
    they change no number there.
    """

    def __init__(self) -> None:
        handlers = [
            # While the main process computes a teacher's predictions the others wait, and far longer than by default.
            InitProcessGroupKwargs(timeout=timedelta(days=1)),
            # Every step is the same graph; without that word, a parameter that is in no graph (the scale of a layer
            # without edge filters) would be waited for.
            DistributedDataParallelKwargs(static_graph=True),
        ]
        keep_to_cores()
        # Precision is the recipe's affair and changes during a run.
        self._accelerator = Accelerator(
            cpu=not torch.cuda.is_available(), mixed_precision="no", kwargs_handlers=handlers
        )
        self.device: torch.device = self._accelerator.device
        self.rank: int = self._accelerator.process_index
        self.count: int = self._accelerator.num_processes

    @property
    def main(self) -> bool:
        """Whether this is the one process that writes and speaks."""
        return self.rank == 0

    def share(self, network: nn.Module) -> nn.Module:
        """The network with gradients that every backward pass averages over the processes."""
        return cast(nn.Module, self._accelerator.prepare_model(network))

    def part(self, size: int) -> slice:
        """The process's slice of a batch of `size`; no two differ by more than one."""
        return slice(self.rank * size // self.count, (self.rank + 1) * size // self.count)

    def weight(self, size: int) -> float:
        """What the mean over this slice counts in the mean over all processes; 1 when all slices are equal."""
        here = len(range(size)[self.part(size)])
        return here * self.count / size

    def mean(self, value: Tensor) -> Tensor:
        """The mean of the processes' values, a scalar each; on a GPU it is asked for and not waited for."""
        return cast(Tensor, self._accelerator.reduce(value.detach(), "mean"))

    def agree(self, value: int) -> bool:
        """Whether all processes have the same value."""
        values = self._accelerator.gather(torch.tensor([value], device=self.device))
        return bool((values == value).all())

    def first(self) -> AbstractContextManager[None]:
        """Within, the main process runs alone and the others follow when it is done: they find what it made."""
        return cast("AbstractContextManager[None]", self._accelerator.main_process_first())

    def close(self) -> None:
        """Wait for the others and part from them."""
        self._accelerator.wait_for_everyone()
        self._accelerator.end_training()
