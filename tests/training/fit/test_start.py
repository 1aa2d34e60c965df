"""Runs that begin with shipped weights, learn from a teacher, or are controls."""

import dataclasses

import numpy as np
import pytest
import torch

from sharpcli.errors import SharpError
from sharpcli.inference.runtime import load_model
from sharpcli_training.fit.conditioned import students as learning
from sharpcli_training.fit.conditioned.plan import RunPlan, load_plan
from sharpcli_training.fit.conditioned.runs import estimator_of, shipped, students_of, teacher_of
from sharpcli_training.fit.conditioned.students import Students
from sharpcli_training.fit.start import weights_file
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.estimator import Estimator
from sharpcli_training.networks.vector import LAYOUT, LENGTH
from tests.training.conditioned import images, make_pack, write_plan

PLAN = load_plan("photo-conditioned-more")


def test_a_run_starts_from_what_is_shipped():
    run = PLAN.runs[0]
    state = shipped(PLAN, run)
    pixels, told = torch.rand(1, 1, 32, 48), torch.rand(1, LENGTH) / 2
    for name, student in students_of(PLAN, run, state).items():
        expected = load_model(weights_file(name))({"pixels": pixels.numpy(), "degradation": told.numpy()})
        with torch.no_grad():
            np.testing.assert_allclose(student(pixels, told).numpy(), expected, atol=1e-5)
    patches = torch.rand(2, 1, 96, 96)
    estimator = estimator_of(state).eval()
    inputs = {"patches": patches.numpy(), "spectrum": estimator.spectrum(patches).numpy()}
    with torch.no_grad():
        np.testing.assert_allclose(estimator(patches).numpy(), load_model(weights_file("estimator"))(inputs), atol=2e-3)


def test_the_shipped_teacher_can_go_on_too():
    run = dataclasses.replace(PLAN.runs[-1], start="shipped", encoder="")
    teacher = teacher_of(run, shipped(PLAN, run))
    assert float(teacher.tail.weight.detach().abs().max()) > 0


def test_a_plan_of_another_shape_is_refused():
    run = RunPlan("r", "teacher", 1.0, start="shipped", blocks=20)
    with pytest.raises(SharpError, match="another shape"):
        shipped(PLAN, run)


def learner(**changes):
    plan = RunPlan("r", "students", 1.0, cpu_batch=2, **changes)
    torch.manual_seed(0)
    return plan, {"a": ConditionedStudent(8, 1)}, Estimator(), images()


def given(made, monkeypatch):
    """The references and vectors of one step."""
    seen = []
    monkeypatch.setattr(learning.Pupil, "update", lambda self, batch, *rest: seen.append(batch))
    made.set_rates(0.5, 3, still=False)
    made.update()
    return seen[0]


def test_a_teacher_s_output_is_learned_from_in_part(monkeypatch):
    class Dark(torch.nn.Module):
        def forward(self, pixels, vector):
            assert pixels.shape[1] == 3
            return torch.zeros_like(pixels)

    alone = given(Students(*learner()), monkeypatch)
    labelled = given(Students(*learner(labels="dark", labels_share=0.75), Dark()), monkeypatch)
    assert torch.equal(labelled[0], alone[0])
    torch.testing.assert_close(labelled[1], 0.25 * alone[1])


def test_a_blind_control_is_told_nothing(monkeypatch):
    vectors = given(Students(*learner(told=False)), monkeypatch)[2]
    assert vectors.sum() == len(vectors)
    assert (vectors[:, LAYOUT.index("unknown")] == 1).all()


def test_runs_side_by_side_have_names_of_their_own(tmp_path):
    """Two controls of the same student in one plan, and a student that does not take part in a run."""
    from sharpcli_training.export.conditioned import export_run
    from sharpcli_training.fit.conditioned.timed import Session, train_plan

    pack = make_pack(tmp_path)
    text = write_plan(tmp_path, steps=1).read_text().split("[[run]]")
    more = text[0] + '[[student]]\nname = "other"\nchannels = 8\nlayers = 1\n'
    runs = [
        f'[[run]]{text[1].replace("first", name)}suffix = "-{name}"\nstudents = ["tiny"]\n{extra}\n'
        for name, extra in (("blind", "told = false"), ("disc", 'only = "disc"'))
    ]
    path = tmp_path / "controls.toml"
    path.write_text(more + "".join(runs))
    out = tmp_path / "out"
    train_plan(Session(load_plan(str(path)), pack, out, None, lambda line: None), export_run)
    names = {file.name for file in out.glob("*.onnx")}
    assert names == {f"{name}-{kind}.onnx" for name in ("tiny", "estimator") for kind in ("blind", "disc")}
