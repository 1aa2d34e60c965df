"""Trains conditioned students and the estimator that will tell them what they see, all on the same batches."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sharpcli_training.data.call_frames import CallFrames
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.degraded import Batch, Images, degraded_batch
from sharpcli_training.fit.captured import adam, coarse_pays, follow, fresh_share, load_adam, scalar, set_rate
from sharpcli_training.fit.conditioned.clock import rate_at
from sharpcli_training.fit.conditioned.estimator_loss import estimator_loss
from sharpcli_training.fit.conditioned.learner import Learner
from sharpcli_training.fit.conditioned.plan import RunPlan
from sharpcli_training.fit.conditioned.pupil import Pupil
from sharpcli_training.fit.conditioned.vectors import training_vectors
from sharpcli_training.fit.limits import clip_gradients
from sharpcli_training.networks.base import to_luma
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import Estimator, soft_vector
from sharpcli_training.networks.revive import revive
from sharpcli_training.networks.vector import unknown_like

CALIBRATION = 256
"""Crops that rounding steps are set from."""
ESTIMATOR_EMA = 0.998
DISTRUST = 0.12
"""Share of a run in which a new estimator's vectors are not learned from."""


class Phase(NamedTuple):
    """What a captured step of students depends on."""

    coarse: bool
    """bfloat16, where that is fast."""
    slope: float


class Students(Learner):
    """All students of a plan and the estimator."""

    def __init__(
        self,
        plan: RunPlan,
        networks: dict[str, ConditionedStudent],
        estimator: Estimator,
        images: Images,
        labels: ConditionedTeacher | None = None,
    ) -> None:
        self.plan, self.images, self.device = plan, images, images.device
        self.crops = plan.crops(self.device.type)
        self.generator = torch.Generator(self.device).manual_seed(plan.seed)
        self.estimator = estimator.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.estimator_average = copy.deepcopy(estimator)
        self._labels = None if labels is None else labels.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if plan.kind == "int8":
            self._quantize(networks)
        elif plan.start:
            self._revive(networks)
        self.pairs = isinstance(images, CallFrames)
        self.pupils = [Pupil(name, network, self.device, self.pairs) for name, network in networks.items()]
        self._estimator_adam = adam(estimator.parameters(), 1e-4)
        self._estimator_loss = scalar(self.device)
        self._rate, self._share, self._estimator_share, self._trust = (scalar(self.device) for _ in range(4))
        # On a GPU, a stream for each: small kernels of several students fill each other's gaps.
        streams = len(self.pupils) if self.device.type == "cuda" else 0
        self._streams = [torch.cuda.Stream() for _ in range(streams)]  # type: ignore[no-untyped-call]
        self._phase = Phase(False, 0.0)

    def phase(self, progress: float) -> Phase:
        """Coarse and leaky first, exact in the end."""
        early = progress < 1 - self.plan.exact_share
        return Phase(early and coarse_pays(self.device), self.plan.slope if early else 0.0)

    def begin_phase(self, phase: Phase) -> None:
        """Leak as the phase says; a graph has the slope written into it."""
        self._phase = phase
        for pupil in self.pupils:
            pupil.network.slope = phase.slope

    def set_rates(self, progress: float, step: int, still: bool) -> None:
        """Rates by progress, and how much of the means is new."""
        rate = 0.0 if still else rate_at(progress, self.plan.peak_rate)
        self._rate.fill_(self.pupils[0].soap.corrected(rate, step))
        for pupil in self.pupils:
            set_rate(pupil.adam, rate * self.plan.vector_share)
        set_rate(self._estimator_adam, 0.0 if still else rate_at(progress, self.plan.estimator_rate))
        self._share.fill_(fresh_share(step, self.plan.ema))
        self._estimator_share.fill_(fresh_share(step, ESTIMATOR_EMA))
        self._trust.fill_(0.0 if self.plan.estimator_rate and progress < DISTRUST else 1.0)

    def update(self) -> None:
        """A batch, what the estimator makes of it, and a step of each student on it."""
        batch = degraded_batch(self.images, self.crops, self.generator, self.plan.only)
        true = vector(batch.draw)
        reference = batch.reference if self._labels is None else self._labelled(batch, true)
        vectors = self._vectors(batch, true)
        for index, pupil in enumerate(self.pupils):
            with self._aside(index):
                pupil.update((batch.degraded, reference, vectors), self._rate, self._share, self._phase.coarse)
        for stream in self._streams:
            torch.cuda.current_stream().wait_stream(stream)

    def between(self, step: int) -> None:
        """Follow SOAP's bases, often at first."""
        if step % (10 if step < 500 else 50) == 0:
            for pupil in self.pupils:
                pupil.soap.refresh()

    def describe(self, steps: int) -> str:
        """Mean loss of each."""
        losses = [f"{pupil.name} {float(pupil.loss) / steps:.3f}" for pupil in self.pupils]
        return "  ".join([*losses, f"estimator {float(self._estimator_loss) / steps:.3f}"])

    def state_dict(self) -> dict[str, Any]:
        """Of all networks and optimizers."""
        return {
            "pupils": {pupil.name: pupil.state_dict() for pupil in self.pupils},
            "estimator": self.estimator.state_dict(),
            "estimator_average": self.estimator_average.state_dict(),
            "estimator_adam": self._estimator_adam.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where those stopped."""
        for pupil in self.pupils:
            pupil.load_state_dict(state["pupils"][pupil.name])
        self.estimator.load_state_dict(state["estimator"])
        self.estimator_average.load_state_dict(state["estimator_average"])
        load_adam(self._estimator_adam, state["estimator_adam"])

    def _vectors(self, batch: Batch, true: Tensor) -> Tensor:
        """What the students get; the estimator looks where it learns itself or somebody listens to it."""
        if self.plan.estimator_rate:
            outputs = self.estimator(batch.degraded)
            self._update_estimator(estimator_loss(outputs, batch.draw))
        if not self.plan.told:
            return unknown_like(true)
        if not self.plan.estimator_rate:
            with torch.no_grad():
                outputs = self.estimator(batch.degraded)
        return training_vectors(true, soft_vector(outputs.detach()), self._trust, self.generator, 1 + self.pairs)

    def _update_estimator(self, loss: Tensor) -> None:
        weights, means = list(self.estimator.parameters()), list(self.estimator_average.parameters())
        for weight in weights:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        clip_gradients(weights, 5.0)
        self._estimator_adam.step()
        self._estimator_loss += loss.detach()
        follow(means, weights, self._estimator_share)

    def _aside(self, index: int) -> Any:
        """On a student's own stream, after all that was asked for so far."""
        if not self._streams:
            return nullcontext()
        self._streams[index].wait_stream(torch.cuda.current_stream())
        return torch.cuda.stream(self._streams[index])

    @torch.no_grad()
    def _labelled(self, batch: Batch, true: Tensor) -> Tensor:
        """What to learn from: the originals, in part replaced by what the teacher makes of the crops (grey as RGB)."""
        assert self._labels is not None
        with torch.autocast(self.device.type, torch.bfloat16, enabled=coarse_pays(self.device), cache_enabled=False):
            restored = self._labels(batch.degraded.expand(-1, 3, -1, -1), true)
        return torch.lerp(batch.reference, to_luma(restored.float()), self.plan.labels_share)

    def _look(self) -> Batch:
        """A batch to set networks up by, the same for every network."""
        generator = torch.Generator(self.device).manual_seed(self.plan.seed)
        return degraded_batch(self.images, min(CALIBRATION, 2 * self.crops), generator, self.plan.only)

    def _quantize(self, networks: dict[str, ConditionedStudent]) -> None:
        batch = self._look()
        for network in networks.values():
            network.to(self.device)
            network.quantize()
            network.calibrate(batch.degraded, vector(batch.draw))

    def _revive(self, networks: dict[str, ConditionedStudent]) -> None:
        batch = self._look()
        for network in networks.values():
            revive(network.to(self.device), batch.degraded, vector(batch.draw))
