"""Trains the conditioned teacher, with a finished estimator that says what it could have been told."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sharpcli.image.image import BT601
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.degraded import Images, degraded_batch
from sharpcli_training.fit.captured import adam, coarse_pays, follow, fresh_share, load_adam, scalar, set_rate
from sharpcli_training.fit.conditioned.clock import rate_at
from sharpcli_training.fit.conditioned.learner import Learner
from sharpcli_training.fit.conditioned.plan import RunPlan
from sharpcli_training.fit.conditioned.vectors import training_vectors
from sharpcli_training.fit.limits import clip_gradients
from sharpcli_training.fit.muon import Muon
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import Estimator, soft_vector

BORDER = 8
LUMA_SHARE = 0.8
"""Part of the loss that is taken on luma, the channel that figures are given for."""


class Phase(NamedTuple):
    """What a captured step of the teacher depends on."""

    coarse: bool
    """bfloat16, where that is fast."""
    finish: bool
    """Root of each crop's mean square instead of absolute errors."""


class TeacherLearner(Learner):
    """The teacher: Muon for the trunk's and the encoder's matrices, Adam for the rest."""

    def __init__(self, plan: RunPlan, network: ConditionedTeacher, estimator: Estimator, images: Images) -> None:
        self.plan, self.images, self.device = plan, images, images.device
        self.crops = plan.crops(self.device.type)
        self.generator = torch.Generator(self.device).manual_seed(plan.seed)
        self.network = network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = copy.deepcopy(self.network)
        self.estimator = estimator.to(self.device)
        named = dict(self.network.named_parameters())
        inner = [name for name in named if named[name].dim() == 4 and name.split(".")[0] in ("trunk", "stages")]
        self.others = [weight for name, weight in named.items() if name not in inner]
        self.weights, self.means = list(named.values()), list(self.average.parameters())
        self.muon, self.adam = Muon(named[name] for name in inner), adam(self.others)
        self.luma = torch.from_numpy(BT601).to(self.device).float().view(1, 3, 1, 1)
        self.loss = scalar(self.device)
        self._rate, self._share, self._trust = (scalar(self.device) for _ in range(3))
        self._trust.fill_(1.0)
        self._phase = Phase(False, False)

    def phase(self, progress: float) -> Phase:
        """Coarse and robust first, exact and by the root mean square in the end."""
        coarse = progress < 1 - self.plan.exact_share and coarse_pays(self.device)
        return Phase(coarse, progress >= 1 - self.plan.finish_share)

    def begin_phase(self, phase: Phase) -> None:
        """Compute by this phase from now on."""
        self._phase = phase

    def set_rates(self, progress: float, step: int, still: bool) -> None:
        """Rates by progress, and how much of the mean is new."""
        rate = 0.0 if still else rate_at(progress, self.plan.peak_rate)
        self._rate.fill_(rate)
        set_rate(self.adam, rate * self.plan.vector_share)
        self._share.fill_(fresh_share(step, self.plan.ema))

    def update(self) -> None:
        """One step on a batch."""
        batch = degraded_batch(self.images, self.crops, self.generator, self.plan.only)
        with torch.no_grad():
            estimated = soft_vector(self.estimator((batch.degraded * self.luma).sum(1, keepdim=True)))
        vectors = training_vectors(vector(batch.draw), estimated, self._trust, self.generator)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._phase.coarse, cache_enabled=False):
            restored = self.network(batch.degraded, vectors)
        loss = self._distance(restored, batch.reference)
        for weight in self.weights:
            weight.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        self.loss += loss.detach()
        self.muon.step(self._rate)
        clip_gradients(self.others, 20.0)
        self.adam.step()
        follow(self.means, self.weights, self._share)

    def describe(self, steps: int) -> str:
        """Mean loss."""
        return f"teacher {float(self.loss) / steps:.3f}"

    def state_dict(self) -> dict[str, Any]:
        """Of the network, its mean and the optimizers."""
        parts = ("network", "average", "estimator", "muon", "adam")
        return {part: getattr(self, part).state_dict() for part in parts}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where that one stopped."""
        for part in ("network", "average", "estimator", "muon"):
            getattr(self, part).load_state_dict(state[part])
        load_adam(self.adam, state["adam"])

    def _distance(self, restored: Tensor, reference: Tensor) -> Tensor:
        error = 255 * (restored - reference)[..., BORDER:-BORDER, BORDER:-BORDER]
        luma = (error * self.luma).sum(1)
        if not self._phase.finish:
            return LUMA_SHARE * luma.abs().mean() + (1 - LUMA_SHARE) * error.abs().mean()
        squares = LUMA_SHARE * luma.square().mean((1, 2)) + (1 - LUMA_SHARE) * error.square().mean((1, 2, 3))
        return (squares + 0.5).sqrt().mean()
