import time
from itertools import groupby

import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli_training.fit.conditioned import learner as driving
from sharpcli_training.fit.conditioned.plan import KINDS, load_plan
from sharpcli_training.fit.conditioned.runs import shipped
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.fit.conditioned.teacher import TeacherLearner
from sharpcli_training.fit.conditioned.timed import Session, train_plan
from sharpcli_training.fit.start import take_all_weights, take_weights
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import Estimator
from tests.training.conditioned import make_pack, write_plan


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    return make_pack(tmp_path_factory.mktemp("conditioned"), coded=3)


def trained(plan, pack, out, said=None, save_every=60.0):
    """Every run's state by name, and what was said."""
    states = {}

    def keep(folder, plan, run, state):
        states[run.name] = state
        return []

    train_plan(Session(plan, pack, out, None, (said if said is not None else []).append), keep, save_every)
    return states


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_a_killed_plan_goes_on_to_the_same_weights(pack, tmp_path, monkeypatch):
    """It is stopped in each of its runs, and the command is given again."""
    plan = load_plan(str(write_plan(tmp_path, steps=6)))
    unbroken = trained(plan, pack, tmp_path / "unbroken")
    made = [0]
    captured = driving.Captured.__call__

    def stops(self):
        made[0] += 1
        if made[0] % 5 == 0:
            raise KeyboardInterrupt
        captured(self)

    monkeypatch.setattr(driving.Captured, "__call__", stops)
    said, stopped = [], 0
    for _ in range(10):
        try:
            resumed = trained(plan, pack, tmp_path / "broken", said, save_every=0)
            break
        except KeyboardInterrupt:
            stopped += 1
    assert stopped >= 3
    assert any("goes on at step" in line for line in said)
    assert same(resumed["first"]["students"]["tiny"], unbroken["first"]["students"]["tiny"])
    assert same(resumed["first"]["estimator"], unbroken["first"]["estimator"])
    assert same(resumed["small"]["students"]["tiny"], unbroken["small"]["students"]["tiny"])
    assert same(resumed["teacher"]["teacher"], unbroken["teacher"]["teacher"])
    assert not list((tmp_path / "broken").rglob("checkpoint.pt"))


def test_a_run_that_breaks_is_exported_as_far_as_it_came(pack, tmp_path, monkeypatch):
    plan = load_plan(str(write_plan(tmp_path, steps=4)))
    update, calls = Students.update, [0]

    def breaks(self):
        calls[0] += 1
        if calls[0] == 3:
            raise RuntimeError("out of memory")
        update(self)

    monkeypatch.setattr(Students, "update", breaks)
    said = []
    states = trained(plan, pack, tmp_path / "out", said)
    assert states["first"]["facts"]["broken"] == "RuntimeError: out of memory"
    assert states["first"]["facts"]["steps"] == 2
    assert set(states) == {"first", "small", "teacher"}
    assert any("broke at step 2" in line for line in said)
    calls[0] = 10
    again = trained(plan, pack, tmp_path / "out")
    assert again["first"]["facts"]["steps"] == 4


def test_every_run_is_exported_within_the_minutes_and_ends_at_rate_zero(pack, tmp_path, monkeypatch):
    """By a clock on which only steps and exports take time, and the teacher's take longest."""
    now, made, rates = [0.0], [], {}
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    seconds = {"students": (1.0, 5.0), "int8": (1.0, 1.0), "teacher": (3.0, 11.0)}

    def update(self):
        now[0] += seconds[self.plan.kind][0]
        rates.setdefault(self.plan.name, []).append(float(self._rate))
        made.append(f"step of {self.plan.name}")

    def export(folder, plan, run, state):
        now[0] += seconds[run.kind][1]
        where = "out" if folder == tmp_path / "out" else "elsewhere"
        made.append(f"{run.name} to {where} after {state['facts']['steps']}")
        return []

    monkeypatch.setattr(Students, "update", update)
    monkeypatch.setattr(Students, "between", lambda self, step: None)
    monkeypatch.setattr(TeacherLearner, "update", update)
    plan = load_plan(str(write_plan(tmp_path)))
    train_plan(Session(plan, pack, tmp_path / "out", 2.0, lambda line: None), export)
    assert 110 < now[0] <= 120
    rehearsed = [f"{name} to elsewhere after 0" for name in rates]
    trained = [(f"step of {name}", f"{name} to out after {len(of)}") for name, of in rates.items()]
    assert [what for what, _ in groupby(made)] == [*rehearsed, *(what for two in trained for what in two)]
    for of in rates.values():
        assert of[-1] == 0 < max(of)
        assert len(of) > 5


def test_another_plan_in_the_same_folder_is_refused(pack, tmp_path):
    trained(load_plan(str(write_plan(tmp_path, steps=2))), pack, tmp_path / "out")
    with pytest.raises(SharpError, match="another plan"):
        trained(load_plan(str(write_plan(tmp_path, steps=3))), pack, tmp_path / "out")


def test_the_shipped_plan_makes_the_shipped_networks():
    plan = load_plan("photo-conditioned")
    assert [(one.channels, one.layers) for one in plan.students] == [(16, 4), (32, 5), (48, 6)]
    assert {run.kind for run in plan.runs} == set(KINDS)
    assert sum(run.seconds for run in plan.runs) < 11 * 60


def test_the_plan_of_calls_begins_with_the_weights_for_blur_and_makes_others():
    plan = load_plan("call")
    assert [(one.name, one.start) for one in plan.students] == [
        (f"{name}-call", f"{name}-deblur") for name in ("student-live", "student", "student-large")
    ]
    assert (plan.estimator, plan.estimator_start) == ("estimator-call", "estimator")
    state = shipped(plan, plan.runs[0])
    assert same(state["students"]["student-live-call"], weights_of(ConditionedStudent(16, 4), "student-live-deblur"))
    assert same(state["estimator"], weights_of(Estimator(), "estimator"))


def weights_of(network, name):
    """A network's weights, all of them from shipped ones of that name."""
    take_all_weights(network, name)
    return network.state_dict()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('kind = "int8"', 'kind = "int4"'), "one of students, int8, teacher"),
        (('start = "first"', 'start = "last"'), "no run before it"),
        (("batch = 4", 'batch = "four"'), "must be of type int"),
        (("batch = 4", "batches = 4"), "no setting 'cpu_batches'"),
        (('name = "small"', 'name = "first"'), "two runs"),
        (("layers = 1", ""), "lacks layers"),
    ],
)
def test_a_wrong_plan_says_what_is_wrong(tmp_path, change, said):
    path = write_plan(tmp_path)
    path.write_text(path.read_text().replace(*change, 1))
    with pytest.raises(SharpError, match=said):
        load_plan(str(path))


def test_a_teacher_begins_with_the_shipped_weights_of_the_plain_one():
    teacher = ConditionedTeacher(64, 8)
    before = float(teacher.trunk[7].second.weight.detach().abs().mean())
    stem = teacher.stem.weight.detach().clone()
    assert take_weights(teacher, "teacher-x2") > 40
    assert not torch.equal(teacher.stem.weight, stem)
    assert float(teacher.trunk[7].second.weight.detach().abs().mean()) == pytest.approx(0.1 * before, rel=1e-4)
    with pytest.raises(SharpError, match="neither a file"):
        take_weights(teacher, "teacher-x9")
