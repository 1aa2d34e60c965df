"""How many threads a run may take."""

from __future__ import annotations

import torch

from sharpcli.measure.cores import cores


def keep_to_cores() -> None:
    """Let torch use no more threads than this process may keep busy; it knows nothing of a container's quota."""
    torch.set_num_threads(min(torch.get_num_threads(), cores()))
