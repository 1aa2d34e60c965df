"""A training step that a GPU replays as one graph, and what such a step may be made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

WARM_UP = 3
"""Eager calls before a step is captured, in which libraries choose their kernels and optimizers make their state."""


class Captured:
    """Calls `step`: as it is on a CPU, as one CUDA graph after some eager calls on a GPU.

    `step` must take nothing from the host: rates and shares are scalars on the device. Where capturing fails, steps
    stay eager, and `say` hears why.
    """

    def __init__(
        self,
        step: Callable[[], None],
        generator: torch.Generator,
        say: Callable[[str], None],
        warm_up: int = WARM_UP,
    ) -> None:
        self._step, self._generator, self._say, self._eager = step, generator, say, warm_up
        self._graph: torch.cuda.CUDAGraph | None = None
        self._capture = generator.device.type == "cuda"

    def __call__(self) -> None:
        """One step."""
        if self._graph is not None:
            self._graph.replay()
        elif not self._capture:
            self._step()
        elif self._eager > 0:
            self._eager -= 1
            self._aside()
        else:
            self._begin()

    def _aside(self) -> None:
        # Memory that a stream other than the capturing one has used can be used by the graph.
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self._step()
        torch.cuda.current_stream().wait_stream(stream)

    def _begin(self) -> None:
        try:
            torch.cuda.synchronize()
            graph = torch.cuda.CUDAGraph()
            graph.register_generator_state(self._generator)
            with torch.cuda.graph(graph):
                self._step()
            torch.cuda.synchronize()
        except RuntimeError as error:
            self._say(f"not captured, goes on eagerly: {error}")
            self._capture = False
            self._step()
        else:
            self._graph = graph
            graph.replay()


def coarse_pays(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32: on GPUs, and on processors with AVX512-BF16."""
    return device.type == "cuda" or getattr(torch.cpu, "_is_avx512_bf16_supported", bool)()


def scalar(device: torch.device, value: float = 0.0) -> Tensor:
    """A number on the device that a captured step reads anew each time."""
    return torch.tensor(float(value), device=device)


def adam(parameters: Iterable[nn.Parameter], decay: float = 0.0) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter, 2019) whose rate `set_rate` gives; capturable where its parameters are on a GPU."""
    learned = list(parameters)
    device = learned[0].device
    gpu = device.type == "cuda"
    rate = scalar(device) if gpu else 0.0
    return torch.optim.AdamW(learned, lr=rate, betas=(0.9, 0.98), weight_decay=decay, fused=True, capturable=gpu)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give all parameters of an optimizer this rate."""
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def load_adam(optimizer: torch.optim.Optimizer, state: dict[str, Any]) -> None:
    """Go on where another one of the same parameters stopped, on whatever device that was."""
    rates = [group["lr"] for group in optimizer.param_groups]
    optimizer.load_state_dict(state)
    for group, rate in zip(optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


@torch.no_grad()
def follow(averages: Sequence[Tensor], values: Sequence[Tensor], share: Tensor) -> None:
    """Move running means of weights towards the weights by a share of the difference, a scalar on the device."""
    difference = torch._foreach_sub(tuple(values), tuple(averages))
    torch._foreach_mul_(difference, share)
    torch._foreach_add_(tuple(averages), difference)


def fresh_share(step: int, keep: float) -> float:
    """The share of a mean that is new at a step: more early on, or the first weights would never be forgotten."""
    return 1 - min(keep, (1 + step) / (10 + step))
