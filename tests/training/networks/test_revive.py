import torch

from sharpcli_training.data.degradation.vector import vector
from sharpcli_training.networks.conditioned import ConditionedStudent
from sharpcli_training.networks.revive import revive
from tests.training.degradations import drawn


def silenced():
    """A student with something to say, one channel of whose second layer no input wakes."""
    torch.manual_seed(0)
    student = ConditionedStudent(8, 2)
    torch.nn.init.normal_(student.stack[-1].weight, std=0.1)
    with torch.no_grad():
        student.stack[1].bias[3] = -100
    return student


def test_a_silent_channel_learns_again_and_the_output_stays():
    student, pixels, told = silenced(), torch.rand(4, 1, 32, 32), vector(drawn(4, blur=True))
    before = student(pixels, told)
    assert revive(student, pixels, told) == [0, 1, 0]
    after = student(pixels, told)
    torch.testing.assert_close(after, before, atol=1e-6, rtol=0)
    seen = []
    student(pixels, told, seen)
    assert all(bool((features.amax((0, 2, 3)) > 0).all()) for features in seen)
    after.square().mean().backward()
    assert float(student.stack[2].weight.grad[:, 3].abs().max()) > 0
    assert revive(student, pixels, told) == [0, 0, 0]
