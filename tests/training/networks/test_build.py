import numpy as np
import onnx
import pytest
import torch
from torchvision.models import resnet18

from sharpcli.errors import SharpError
from sharpcli.inference.runtime import Network
from sharpcli_training.data.pairs import Pairs
from sharpcli_training.export.onnx import export, to_onnx
from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.fit.loop import train
from sharpcli_training.networks import cost as measure
from sharpcli_training.networks.build import build
from sharpcli_training.networks.teacher import Teacher, folded_resnet18, load_encoder
from sharpcli_training.recipe import load_recipe

NAMES = ["student", "student-live", "teacher"]
NARROW = {"teacher": ("channels=8",)}
"""What makes a network cheap and changes neither how it is built nor how far it sees."""


def trained(recipe):
    """A network whose residual is not zero."""
    torch.manual_seed(0)
    network = build(recipe)
    last = network.stack[-1] if hasattr(network, "stack") else network.tail
    for parameter in last.parameters():
        torch.nn.init.normal_(parameter, std=0.02)
    return network


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", NAMES)
def test_the_exported_onnx_agrees_with_torch(name, tmp_path, packs):
    small = ("channels=16", "layers=1") if name == "teacher" else ()
    recipe = load_recipe(name, ("steps=2", "batch=1", "patch=32", "teacher_share=0", *small))
    train(recipe, Pairs(packs / "x2"), tmp_path / "run", lambda line: None)
    card = export(tmp_path / "run", tmp_path / "out.onnx")
    _, network, _ = load_run(tmp_path / "run")
    pixels = np.random.default_rng(0).random((40, 72, network.channels_in), np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(pixels).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    exact = Network(tmp_path / "out.onnx")(pixels)
    np.testing.assert_allclose(exact, expected, atol=1e-4)
    assert card["training"]["pack"]["profile"] == "x2"
    if name == "teacher":  # the only one that may have half weights
        half = export(tmp_path / "run", tmp_path / "half.onnx", half=True)
        assert half["bytes"] < 0.6 * card["bytes"]
        np.testing.assert_allclose(exact, Network(tmp_path / "half.onnx")(pixels), atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_new_network_returns_its_input(name):
    network = build(load_recipe(name))
    pixels = torch.rand(1, network.channels_in, 48, 32)
    assert torch.equal(network(pixels), pixels)


@pytest.mark.parametrize("name", NAMES)
def test_the_measured_receptive_radius_is_how_far_a_change_travels(name):
    recipe = load_recipe(name, NARROW.get(name, ()))
    network = trained(recipe)
    radius = measure.receptive_radius(build(recipe))
    side, middle = 224, 112
    assert radius < middle - network.tile_multiple
    pixels = torch.rand(1, network.channels_in, side, side)
    changed = pixels.clone()
    changed[..., middle, middle] = 1 - changed[..., middle, middle].round()
    with torch.no_grad():
        moved = (network(changed) - network(pixels)).abs().amax((0, 1)) > 0
    rows = torch.nonzero(moved.any(1)).flatten() - middle
    assert 0 < rows.abs().max() <= radius


def test_macs_are_those_of_the_plan():
    assert measure.kmac_per_pixel(build(load_recipe("student-live"))) == pytest.approx(2.592)
    assert measure.kmac_per_pixel(build(load_recipe("student"))) == pytest.approx(12.096)


def test_onnx_files_are_plain_graphs_a_phone_could_run():
    model = to_onnx(trained(load_recipe("student-live")))
    onnx.checker.check_model(model)
    assert {node.op_type for node in model.graph.node} == {"Conv", "Relu", "DepthToSpace", "Add"}
    assert b".py" not in model.SerializeToString(), "the file tells where it was made"


def test_batch_norm_is_folded_without_a_difference():
    torch.manual_seed(0)
    original = resnet18(weights=None)
    for module in original.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 2)
    state = {key: value.clone() for key, value in original.state_dict().items()}
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(folded_resnet18(state)(pixels), original.eval()(pixels), atol=1e-4)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_imagenet_weights_reach_the_encoder(tmp_path, ending):
    torch.manual_seed(1)
    path = tmp_path / f"resnet18.{ending}"
    given = resnet18(weights=None).state_dict()
    folded = folded_resnet18({key: value.clone() for key, value in given.items()})
    if ending == "pth":
        torch.save(given, path)
    else:
        from safetensors.torch import save_file

        save_file({key: value.contiguous() for key, value in folded.state_dict().items()}, path)
    teacher = Teacher(8, 1)
    load_encoder(teacher, path)
    assert torch.allclose(teacher.stem.weight, folded.conv1.weight)
    assert torch.allclose(teacher.stages[2][0].downsample[0].weight, folded.layer3[0].downsample[0].weight)


def test_a_wrong_weights_file_says_what_is_missing(tmp_path):
    from safetensors.torch import save_file

    save_file({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "w.safetensors")
    with pytest.raises(SharpError, match="no tensor for stem"):
        load_encoder(Teacher(8, 1), tmp_path / "w.safetensors")
