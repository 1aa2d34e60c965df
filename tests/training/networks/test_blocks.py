import pytest
import torch

from sharpcli_training.networks.blocks import BLOCKS, EdgeConv
from sharpcli_training.networks.student import Student


def stirred(network):
    """The network with every value moved, so that no branch is silent."""
    torch.manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    return network


@pytest.mark.parametrize("blocks", sorted(BLOCKS))
def test_a_folded_student_gives_the_same_pixels(blocks):
    student = stirred(Student(8, 2, blocks))
    folded = student.fold()
    pixels = torch.rand(2, 1, 32, 48)
    with torch.no_grad():
        assert torch.allclose(folded(pixels), student(pixels), atol=1e-5)
        assert not torch.allclose(student(pixels), pixels, atol=1e-2)
    assert sum(p.numel() for p in folded.parameters()) == sum(p.numel() for p in Student(8, 2).parameters())


@pytest.mark.parametrize("blocks", sorted(BLOCKS))
def test_a_new_student_returns_its_input_and_can_still_learn(blocks):
    student = Student(8, 2, blocks)
    pixels = torch.rand(1, 1, 16, 16)
    sharpened = student(pixels)
    assert torch.equal(sharpened, pixels)
    (sharpened - torch.rand(1, 1, 16, 16)).square().mean().backward()
    gradient = torch.cat([p.grad.flatten() for p in student.stack[-1].parameters() if p.grad is not None])
    assert gradient.abs().max() > 0


def test_an_edge_block_is_the_sum_of_its_branches_run_one_by_one():
    """The folded kernel against the block as its paper draws it, on the inside, where padding plays no part."""
    torch.manual_seed(0)
    block = stirred(EdgeConv(4, 4))
    features = torch.randn(1, 4, 12, 12)
    conv = torch.nn.functional.conv2d
    with torch.no_grad():
        total = conv(features, block.weight.view(4, 4, 3, 3), block.bias)
        total += conv(conv(features, block.wide[:, :, None, None]), block.back.view(4, 8, 3, 3))
        for mix, scale, edge in zip(block.mix, block.scale, block.edges, strict=True):
            mixed = conv(features, mix[:, :, None, None])
            total += conv(mixed, (scale[:, None] * edge).view(4, 1, 3, 3), groups=4)
        assert torch.allclose(block(features)[:, :, 1:-1, 1:-1], total, atol=1e-4)
