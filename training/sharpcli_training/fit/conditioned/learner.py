"""Drives whatever learns by the clock: captured steps, a line now and then, a checkpoint a minute."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch

from sharpcli_training.fit.captured import WARM_UP, Captured
from sharpcli_training.fit.conditioned.clock import Clock

LINE_EVERY, SAVE_EVERY = 20.0, 60.0
"""Seconds."""
WAIT_EVERY = 25
"""Steps after which the queue of a GPU is waited for, or the clock would run far ahead of it."""


class Learner(ABC):
    """Networks on their way, with all that it takes to make one step."""

    device: torch.device
    generator: torch.Generator

    @abstractmethod
    def phase(self, progress: float) -> object:
        """What a captured step depends on beside tensors; when it changes, a new step is captured."""

    @abstractmethod
    def begin_phase(self, phase: Any) -> None:
        """Compute by this phase from now on."""

    @abstractmethod
    def set_rates(self, progress: float, step: int, still: bool) -> None:
        """Set what a step reads on the device; `still` asks for a step that changes no weight."""

    @abstractmethod
    def update(self) -> None:
        """One step of device code; nothing of it may wait for the device."""

    def between(self, step: int) -> None:  # noqa: B027
        """What is due after a step and cannot be captured."""

    @abstractmethod
    def describe(self, steps: int) -> str:
        """Mean losses so far, in words."""

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs to go on."""

    @abstractmethod
    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where a learner of the same plan stopped."""


def drive(
    learner: Learner,
    clock: Clock,
    say: Callable[[str], None],
    save: Callable[[], None],
    save_every: float = SAVE_EVERY,
) -> None:
    """Make steps until the clock says that the run is over.

    What an error or the user interrupts may be in the middle of a step: only what `save` wrote before is whole.
    """
    gpu = learner.device.type == "cuda"
    phase: object = None
    captured: Captured | None = None
    made, said, saved = 0, time.monotonic(), time.monotonic()
    first = clock.step
    while not clock.over:
        progress = clock.progress
        if captured is None or learner.phase(progress) != phase:
            phase = learner.phase(progress)
            learner.begin_phase(phase)
            captured = Captured(learner.update, learner.generator, say, 1 if made else WARM_UP)
        # On a GPU the first steps find kernels and are captured; their statistics count, their weights do not.
        # By the clock, the last step is known before it is made: it has the rate that the schedule ends at.
        learner.set_rates(1.0 if clock.last else progress, clock.step, still=gpu and made <= WARM_UP)
        captured()
        made += 1
        clock.step += 1
        learner.between(clock.step)
        if gpu and made % WAIT_EVERY == 0:
            torch.cuda.synchronize()
        if gpu and made == WARM_UP + 1:
            torch.cuda.synchronize()
            clock.restart()
        now = time.monotonic()
        if now - said > LINE_EVERY or made == 10:
            rate = (clock.step - first) / max(clock.elapsed - clock.spent, 1e-3)
            say(f"{progress:4.0%}  step {clock.step}  {rate:.1f}/s  {learner.describe(made)}")
            said = now
        if now - saved > save_every:
            save()
            saved = now
    if gpu:
        torch.cuda.synchronize()
