import pytest
import torch

from sharpcli_training.data.degradation.vector import findings, vector
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.conditioned_teacher import ConditionedTeacher
from sharpcli_training.networks.estimator import HEADS, Estimator, soft_vector, split
from sharpcli_training.networks.student import Student
from sharpcli_training.networks.teacher import Teacher
from sharpcli_training.networks.vector import LAYOUT, LENGTH, unknown_like
from tests.training.degradations import drawn


def shaken(network):
    """The network with every weight moved, so that nothing is zero by initialization."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return network


@pytest.mark.parametrize(
    ("network", "shape"), [(ConditionedStudent(8, 2), (2, 1, 32, 40)), (ConditionedTeacher(16, 1), (2, 3, 32, 40))]
)
def test_a_new_network_changes_nothing_and_a_moved_one_follows_its_vector(network, shape):
    pixels, vectors = torch.rand(shape), torch.rand(2, LENGTH)
    with torch.no_grad():
        assert torch.equal(network(pixels, vectors), pixels)
        moved = shaken(network)
        assert not torch.allclose(moved(pixels, vectors), moved(pixels, 0 * vectors), atol=1e-3)


def test_with_no_vector_the_student_is_the_plain_one():
    conditioned, plain = shaken(ConditionedStudent(8, 2)), Student(8, 2)
    with torch.no_grad():
        biases = conditioned.mlp(torch.zeros(1, LENGTH)).view(3, 2, 8)
        for index, (mine, theirs) in enumerate(zip(conditioned.stack, plain.convs, strict=True)):
            weight, bias = mine.weight, mine.bias
            if index < 3:
                weight = weight * (1 + biases[index, 1]).view(-1, 1, 1, 1)
                bias = bias * (1 + biases[index, 1]) + biases[index, 0]
            if index == 0:
                whole = torch.zeros(8, 1, 6, 6)
                for phase in range(4):
                    whole[:, 0, phase // 2 :: 2, phase % 2 :: 2] = weight[:, phase]
                weight = whole
            theirs.weight.copy_(weight.flatten(1))
            theirs.bias.copy_(bias)
        pixels = torch.rand(1, 1, 24, 24)
        torch.testing.assert_close(conditioned(pixels, torch.zeros(1, LENGTH)), plain(pixels), atol=1e-5, rtol=0)


def test_the_teacher_takes_the_weights_of_the_plain_one():
    plain, conditioned = Teacher(16, 1), ConditionedTeacher(16, 1)
    missing, unexpected = conditioned.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected
    assert all(name.startswith("mlp.") for name in missing)
    shaken(plain)
    conditioned.load_state_dict(plain.state_dict(), strict=False)
    pixels = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(conditioned(pixels, torch.zeros(1, LENGTH)), plain(pixels), atol=1e-3, rtol=1e-3)


def test_a_calibrated_student_rounds_and_stays_near():
    network = shaken(ConditionedStudent(16, 2))
    pixels, vectors = (torch.rand(4, 1, 32, 32) * 255).round() / 255, torch.rand(4, LENGTH)
    with torch.no_grad():
        exact = network(pixels, vectors)
        network.quantize()
        network.calibrate(pixels, vectors)
        rounded = network(pixels, vectors)
    assert network.quantized
    difference = (rounded - exact).square().mean().sqrt()
    assert 0 < float(difference) < 0.05 * float((exact - pixels).square().mean().sqrt())


def test_gradients_reach_weights_steps_and_the_vectors_network_through_rounding():
    network = shaken(ConditionedStudent(8, 1))
    network.quantize()
    network.calibrate(torch.rand(2, 1, 16, 16), torch.rand(2, LENGTH))
    network(torch.rand(2, 1, 16, 16), torch.rand(2, LENGTH)).square().sum().backward()
    gradients = {name: parameter.grad for name, parameter in network.named_parameters()}
    assert all(gradient is not None and gradient.abs().sum() > 0 for gradient in gradients.values())


def test_the_estimators_outputs_are_a_vector_of_probabilities_and_sizes():
    outputs = torch.zeros(1, sum(HEADS.values()))
    heads = split(outputs)
    heads["kind"][0, 1] = 50  # a Gaussian, surely
    heads["sigma"][0, 0] = 0.5
    for name in ("resampled", "jpeg", "jpeg_before", "linear"):
        heads[name][0, 0] = -50
    heads["noise"][0, 0] = -3
    said = soft_vector(outputs)[0]
    assert said[[0, 1, 2]].tolist() == pytest.approx([1, 0, 0])
    assert float(said[3]) == pytest.approx(1.6487, abs=1e-3)
    assert said[11:].abs().max() < 1e-6


def test_the_estimator_looks_at_pixels_and_their_spectrum():
    estimator = Estimator().eval()
    patches = torch.rand(2, 1, 96, 96)
    with torch.no_grad():
        assert estimator(patches).shape == (2, 36)
        spectrum = estimator.spectrum(patches)
        assert spectrum.shape == (2, 1, 48, 24)
        torch.testing.assert_close(estimator(patches, spectrum), estimator(patches))
        assert not torch.allclose(estimator(patches, spectrum + 1), estimator(patches))
        stripes = torch.cos(torch.arange(96) * 2 * torch.pi / 8).expand(1, 1, 96, 96)
        assert divmod(int(estimator.spectrum(stripes).argmax()), 24)[1] == 6  # 12 of 96 waves, two to a place


def test_unknown_is_said_by_its_place_alone():
    said = unknown_like(vector(drawn(2, blur=True)))
    assert said.sum() == 2
    assert torch.equal(said[:, LAYOUT.index("unknown")], torch.ones(2))
    assert findings(drawn(2)).kinds.sum() == 0
