import pytest
import torch

from sharpcli_training.data.degradation.chain import degrade
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.data.resident import Resident
from sharpcli_training.fit.captured import set_rate
from sharpcli_training.fit.conditioned.clock import rate_at
from sharpcli_training.fit.conditioned.estimator_loss import estimator_loss, targets
from sharpcli_training.fit.conditioned.plan import RunPlan
from sharpcli_training.fit.conditioned.pupil import Pupil, root_mean_square
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.fit.conditioned.validation import CELLS, CODECS, measure
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.estimator import HEADS, Estimator, split
from sharpcli_training.networks.vector import unknown_like
from tests.training.conditioned import images, make_pack
from tests.training.degradations import drawn

INNER = slice(24, 120)


def test_told_of_the_blur_a_tiny_student_removes_it_and_leaves_a_sharp_image_alone():
    """Half of each batch is blurred, half is not; the vector alone says which."""
    torch.manual_seed(0)
    resident, generator = images(), torch.Generator().manual_seed(0)
    pupil = Pupil("tiny", ConditionedStudent(16, 1), torch.device("cpu"))
    draw = drawn(8, blur=torch.arange(8) < 4, sigma=1.2)
    told = vector(draw)

    def batch():
        originals = resident.windows(8, generator)
        degraded = degrade(originals, draw, generator)
        return [levels[..., INNER, INNER].contiguous() / 255 for levels in (degraded, originals)]

    steps = 240
    for step in range(steps):
        rate = rate_at(step / steps, 5e-3)
        pupil.network.slope = 0.1 if step < 180 else 0.0
        set_rate(pupil.adam, 0.4 * rate)
        pupil.update((*batch(), told), torch.tensor(pupil.soap.corrected(rate, step)), torch.tensor(0.1), False)
        if step % 10 == 9:
            pupil.soap.refresh()
    degraded, original = (torch.cat(crops) for crops in zip(*(batch() for _ in range(4)), strict=True))
    told, blurred = told.repeat(4, 1), draw.blur.repeat(4)
    with torch.no_grad():
        before = root_mean_square(degraded, original, 8)
        with_it = root_mean_square(pupil.average(degraded, told), original, 8)
        without = root_mean_square(pupil.average(degraded, unknown_like(told)), original, 8)
    assert float(with_it[blurred].mean()) < 0.9 * float(before[blurred].mean())
    assert float(with_it[~blurred].mean()) < 1
    assert float(with_it.mean()) < float(without.mean())


@pytest.mark.parametrize("quantize", [False, True])
def test_a_step_moves_every_network_and_no_weight_is_lost(quantize):
    kind = "int8" if quantize else "students"
    plan = RunPlan("r", kind, 1.0, cpu_batch=4, slope=0.1, estimator_rate=0.0 if quantize else 2e-3)
    networks = {name: ConditionedStudent(8, layers) for name, layers in (("a", 1), ("b", 2))}
    learner = Students(plan, networks, Estimator(), images())
    learner.begin_phase(learner.phase(0.0))
    seen = [parameter.clone() for parameter in learner.estimator.parameters()]
    before = {name: [parameter.clone() for parameter in network.parameters()] for name, network in networks.items()}
    for step in range(4):
        learner.set_rates(0.2, step, still=False)
        learner.update()
        learner.between(step + 1)
    for name, old in before.items():
        moved = [not torch.equal(a, b) for a, b in zip(old, networks[name].parameters(), strict=True)]
        assert sum(moved) >= len(moved) - 1, name
    changed = [not torch.equal(a, b) for a, b in zip(seen, learner.estimator.parameters(), strict=True)]
    assert all(changed) is not quantize
    assert any(changed) is not quantize
    assert "a " in learner.describe(4)


def test_the_slope_and_the_precision_change_once_near_the_end(monkeypatch):
    plan = RunPlan("r", "students", 1.0, cpu_batch=4, slope=0.1, exact_share=0.15)
    learner = Students(plan, {"a": ConditionedStudent(8, 1)}, Estimator(), images())
    phases = [learner.phase(share / 100) for share in range(100)]
    assert [phase.slope for phase in phases] == [0.1] * 85 + [0.0] * 15
    for fast in (True, False):
        monkeypatch.setattr("sharpcli_training.fit.conditioned.students.coarse_pays", lambda device, fast=fast: fast)
        phases = [learner.phase(share / 100) for share in range(100)]
        assert [phase.coarse for phase in phases] == [fast] * 85 + [False] * 15


def test_the_estimators_loss_is_smallest_for_the_truth():
    draw = drawn(2, blur=True, kind=[0, 2], sigma=1.5, length=7.0, theta=0.4, noise=3.0, jpeg=[True, False])
    outputs = torch.zeros(2, sum(HEADS.values()))
    heads, wanted = split(outputs), targets(draw)
    for name in HEADS:
        value = wanted[name].value
        if name in ("kind", "up", "down"):
            heads[name][range(2), value] = 20
        elif name in ("linear", "resampled", "jpeg_before", "jpeg"):
            heads[name][:, 0] = 40 * value - 20
        elif value.dim() == 2:
            heads[name].copy_(value)
        else:
            heads[name][:, 0] = value
    right = float(estimator_loss(outputs, draw))
    assert right == pytest.approx(0, abs=1e-4)
    for column in range(outputs.shape[1]):
        wrong = outputs.clone()
        wrong[:, column] += 0.3
        assert float(estimator_loss(wrong, draw)) >= right - 1e-6


def test_validation_has_cells_of_their_own_for_webp_and_video(tmp_path):
    """They are not in the mean over degraded crops, which packs without them have too."""
    pytest.importorskip("av", reason="PyAV is not installed")
    pack = make_pack(tmp_path, coded=3, video=True)
    resident = Resident.of(pack, "train", False, torch.device("cpu"))

    def brightened(pixels, vectors, seen):
        return pixels + 0.02

    told = measure({"net": brightened}, Estimator(), resident, 96)["net"].told
    assert set(CODECS) <= set(told)
    assert told["webp"] != told["video"]
    plain = measure({"net": brightened}, Estimator(), resident, 96, only="disc")["net"].told
    assert set(plain) == {"degraded", "disc"}


def test_validation_reports_by_what_crops_went_through_and_counts_dead_channels():
    network, estimator = ConditionedStudent(8, 1), Estimator()
    with torch.no_grad():
        network.stack[0].weight[3:5].zero_()
        network.stack[0].bias[3:5].fill_(-1)
    first, again = (measure({"net": network}, estimator, images(), 64)["net"] for _ in range(2))
    assert first == again
    assert first.dead[0] == 2
    assert set(first.told) - {"degraded"} <= set(CELLS)
    # A new network changes nothing, whatever it is told.
    assert all(gain == pytest.approx(0, abs=1e-3) for gain in (*first.told.values(), *first.auto.values()))
