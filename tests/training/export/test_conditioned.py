import hashlib
import json

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto

from sharpcli.inference.engine import openvino
from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.export.conditioned import estimator_to_onnx, export_run, teacher_to_onnx
from sharpcli_training.export.conditioned_student import student_to_onnx
from sharpcli_training.export.onnx_parts import halve
from sharpcli_training.fit.conditioned.plan import load_plan
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import Estimator
from tests.training.conditioned import write_plan
from tests.training.degradations import drawn
from tests.training.networks.test_conditioned import shaken

EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def run(model, *inputs):
    """What an engine makes of the model, as a tensor."""
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU", EXACT)
    return torch.from_numpy(np.array(compiled([one.numpy() for one in inputs])[0]))


def told():
    return vector(drawn(blur=True, sigma=1.3, noise=2.0, resample=True, scale=1.7))


def levels(height, width, channels=1):
    return (torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(3)) * 255).round() / 255


def test_an_exported_student_computes_what_it_learned():
    student = shaken(ConditionedStudent(8, 2))
    model = student_to_onnx(student)
    assert [port.name for port in (*model.graph.input, *model.graph.output)] == ["pixels", "degradation", "sharpened"]
    for height, width in ((64, 80), (34, 18)):
        with torch.no_grad():
            expected = student(levels(height, width), told())
        torch.testing.assert_close(run(model, levels(height, width), told()), expected, atol=2e-5, rtol=0)


def test_an_exported_int8_student_computes_what_it_learned():
    student, pixels = shaken(ConditionedStudent(8, 2)), levels(64, 80)
    with torch.no_grad():
        exact = student(pixels, told())
        student.quantize()
        student.calibrate(pixels, told())
        expected = student(pixels, told())
    model = student_to_onnx(student)
    kinds = {tensor.name: tensor.data_type for tensor in model.graph.initializer}
    assert all(kinds[f"weight{index}"] == TensorProto.INT8 for index in range(4))
    result = run(model, pixels, told())
    # Engines add in another order, so that single features round the other way.
    assert float((result - expected).square().mean().sqrt()) < 0.2 * float((exact - expected).square().mean().sqrt())


def test_an_exported_estimator_is_given_the_spectrum():
    estimator, patches = shaken(Estimator()).eval(), levels(96, 96).expand(5, 1, 96, 96).contiguous()
    model = estimator_to_onnx(estimator)
    assert [port.name for port in (*model.graph.input, *model.graph.output)] == ["patches", "spectrum", "findings"]
    with torch.no_grad():
        expected, spectrum = estimator(patches), estimator.spectrum(patches)
    torch.testing.assert_close(run(model, patches, spectrum), expected, atol=1e-3, rtol=1e-3)


def test_an_exported_teacher_computes_what_it_learned_and_names_no_file_of_this_machine():
    teacher = ConditionedTeacher(16, 1).eval()
    with torch.no_grad():
        teacher.tail.weight.normal_(0, 0.02, generator=torch.Generator().manual_seed(0))
        teacher.mlp[-1].weight.normal_(0, 0.2, generator=torch.Generator().manual_seed(1))
        expected = teacher(levels(40, 56, 3), told())
    model = teacher_to_onnx(teacher)
    torch.testing.assert_close(run(model, levels(40, 56, 3), told()), expected, atol=1e-4, rtol=1e-5)
    halve(model)
    assert float((run(model, levels(40, 56, 3), told()) - expected).abs().max()) < 5e-3
    assert b".py" not in model.SerializeToString()


def test_networks_exported_one_after_the_other_keep_their_own_weights():
    """The second is not traced again; the first is new, and much of it zero."""
    torch.manual_seed(0)
    first, second = ConditionedTeacher(16, 1).eval(), shaken(ConditionedTeacher(16, 1)).eval()
    models = [teacher_to_onnx(network) for network in (first, second)]
    for network, model in zip((first, second), models, strict=True):
        with torch.no_grad():
            expected = network(levels(40, 56, 3), told())
        torch.testing.assert_close(run(model, levels(40, 56, 3), told()), expected, atol=1e-4, rtol=1e-5)


@pytest.mark.parametrize("quantized", [False, True])
def test_the_card_says_what_the_file_is(tmp_path, quantized):
    plan = load_plan(str(write_plan(tmp_path)))
    student = shaken(ConditionedStudent(8, 1))
    if quantized:
        student.quantize()
    run_plan = plan.runs[int(quantized)]
    state = {
        "plan": {"name": run_plan.name},
        "students": {"tiny": student.state_dict()},
        "estimator": Estimator().state_dict(),
        "facts": {"steps": 7, "seconds": 60.0, "device": "cpu", "broken": ""},
        "pack": {"train": 5, "val": 1, "sets": {"photos": 5}},
        "gains": {"tiny": {"told": {"degraded": 1.5}, "auto": {"degraded": 1.0}, "dead": [0, 1]}},
    }
    files = export_run(tmp_path, plan, run_plan, state)
    names = ["tiny-int8.onnx"] if quantized else ["tiny.onnx", "estimator.onnx"]
    assert [file.name for file in files] == names
    card = json.loads(files[0].with_suffix(".json").read_text())
    content = files[0].read_bytes()
    assert (card["sha256"], card["bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
    assert card["training"]["pack"] == {"profile": "tiny", "images": 5, "held_out": 1, "folders": {"photos": 5}}
    assert card["name"] == files[0].stem
    assert card["weights"] == ("int8" if quantized else "float32")
    assert (card["tile_multiple"], card["receptive_radius"], card["conditioned"]) == (2, 7, 29)
    assert card["kmac_per_pixel"] == round((2 * 36 * 8 + 9 * 64) / 4 / 1000, 2)
    assert card["training"]["validation_gain"] == {"told": {"degraded": 1.5}, "auto": {"degraded": 1.0}}
    assert card["training"]["dead_channels"] == [0, 1]
    onnx.checker.check_model(onnx.load(files[0]))
