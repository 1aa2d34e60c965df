import dataclasses

import numpy as np
import onnx
import pytest
import torch
from skimage import data

from sharpcli.inference.runtime import Network
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.export.onnx import export
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.fit.loop import train
from sharpcli_training.networks.blocks import PlainConv
from sharpcli_training.networks.build import start_from
from sharpcli_training.networks.quantize import LEVELS, Rounding, weight_step, whole
from sharpcli_training.networks.student import Student
from sharpcli_training.recipe import Recipe

EXACT = Recipe("student", 8, 2, steps=250, peak_rate=3e-3, optimizer="soap", loss="l1", batch=4, patch=32, ema=0.9)


@pytest.fixture(scope="module")
def runs(packs, tmp_path_factory):
    """An exact run, and a quantised one that went on from it."""
    root = tmp_path_factory.mktemp("quantised")
    pairs = Pairs(packs / "x2", luma=True)
    train(EXACT, pairs, root / "exact", lambda line: None)
    rounded = dataclasses.replace(EXACT, quantize=True, steps=30, peak_rate=1e-3, loss="mse")
    train(
        rounded,
        pairs,
        root / "int8",
        lambda line: None,
        lambda network: start_from(network, load_run(root / "exact")[1]),
    )
    return root


def test_the_int8_file_computes_what_training_computed(runs, tmp_path):
    """The engine's integers against training's rounded floats; a tie may fall either way, so not to the last bit."""
    card = export(runs / "int8", tmp_path / "int8.onnx")
    network = load_run(runs / "int8")[1]
    pixels = data.camera()[:128, :192, None]
    seen = torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        expected = (255 * network(seen))[0, 0].numpy().clip(0, 255)
    got = Network(tmp_path / "int8.onnx")(pixels)[..., 0]
    assert np.abs(got - expected).mean() < 0.5
    assert np.abs(got - expected).max() < 3
    assert card["weights"] == "int8"


def test_the_int8_file_has_integer_weights_and_a_residual_outside(runs, tmp_path):
    export(runs / "int8", tmp_path / "int8.onnx")
    graph = onnx.load(tmp_path / "int8.onnx").graph
    kernels = [tensor for tensor in graph.initializer if tensor.name.startswith("weight")]
    assert len(kernels) == 4
    assert {tensor.data_type for tensor in kernels} == {onnx.TensorProto.INT8}
    last = graph.node[-1]
    assert last.op_type == "Add"
    assert graph.input[0].name in last.input, "the image itself must not be rounded"


def test_int8_costs_next_to_nothing(runs, packs):
    exact, rounded = (load_run(runs / name)[2]["history"][-1]["psnr"] for name in ("exact", "int8"))
    assert rounded > exact - 0.1
    assert rounded > load_run(runs / "int8")[2]["history"][-1]["input"] + 0.3


def test_the_step_of_the_pixels_is_one_level_and_stays():
    student = Student(4, 1, quantize=True)
    student.calibrate(torch.rand(2, 1, 32, 32) / 2)
    assert float(student.roundings[0].log_step.exp()) == pytest.approx(1 / 255)
    assert not student.roundings[0].log_step.requires_grad
    assert all(rounding.log_step.requires_grad for rounding in student.roundings[1:])


def test_a_steps_gradient_is_scaled_by_the_features_that_share_it():
    """LSQ's 1 / sqrt(N Q), against the same computation without it."""
    torch.manual_seed(0)
    layer, rounding, features = PlainConv(4, 4), Rounding(), torch.rand(3, 4, 8, 8)
    rounding.calibrate(features)
    rounding(features, layer).square().sum().backward()
    log_step = rounding.log_step.detach().clone().requires_grad_()
    step = log_step.exp()
    rows = weight_step(layer.matrix())
    kernel = (whole(layer.matrix() / rows) * rows).view(4, 4, 3, 3).detach()
    rounded = whole((features / step).clamp(0, LEVELS)) * step
    torch.nn.functional.conv2d(rounded, kernel, layer.bias, padding=1).square().sum().backward()
    expected = log_step.grad / (4 * 8 * 8 * LEVELS) ** 0.5
    torch.testing.assert_close(rounding.log_step.grad, expected, rtol=1e-4, atol=0)


def test_pixels_that_are_levels_pass_the_first_rounding_untouched():
    student = Student(4, 1, quantize=True)
    levels = torch.arange(256.0).view(1, 1, 16, 16) / 255
    rounding = student.roundings[0]
    step = rounding.log_step.exp()
    assert torch.allclose((levels / step).round() * step, levels, atol=1e-6)
