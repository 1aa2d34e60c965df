import torch
from torch import nn

from sharpcli_training.fit.muon import Muon, orthogonalized
from sharpcli_training.fit.soap import Soap


def matrices(*shapes):
    generator = torch.Generator().manual_seed(1)
    return [nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


def give_gradients(parameters, generator, size=1.0):
    for parameter in parameters:
        parameter.grad = size * torch.randn(parameter.shape, generator=generator)


def test_no_matrix_ever_moves_by_more_than_its_limit():
    """Not even where gradients suddenly are ten thousand times as large, and the basis has just been turned."""
    parameters = matrices((8, 4, 3, 3), (8, 4, 3, 3), (4, 8))
    soap, generator = Soap(parameters, limit=1.0), torch.Generator().manual_seed(0)
    for step in range(40):
        give_gradients(parameters, generator, 1e4 if step % 7 == 6 else 1e-3)
        before = [parameter.clone() for parameter in parameters]
        soap.step(torch.tensor(1e-2))
        if step % 3 == 2:
            soap.refresh()
        for old, parameter in zip(before, parameters, strict=True):
            assert float((parameter - old).detach().square().mean().sqrt()) <= 1e-2 * 1.0001


def test_the_first_call_only_looks_and_then_it_descends():
    """A quadratic whose axes are far from the matrix's own."""
    generator = torch.Generator().manual_seed(2)
    target, turn = torch.randn(6, 6, generator=generator), torch.linalg.qr(torch.randn(6, 6, generator=generator))[0]
    weight = nn.Parameter(torch.zeros(6, 6))
    soap = Soap([weight])
    scale = torch.logspace(0, 2, 6)[:, None]

    def loss():
        return (scale * (turn @ (weight - target))).square().sum()

    start = float(loss().detach())
    for step in range(200):
        weight.grad = None
        loss().backward()
        soap.step(torch.tensor(soap.corrected(0.05 * (1 - step / 200), step)))
        assert step > 0 or not weight.any()
        if step % 10 == 9:
            soap.refresh()
    assert float(loss().detach()) < 1e-3 * start


def test_equal_shapes_are_worked_on_together_but_do_not_mix():
    together, apart = matrices((4, 6), (4, 6)), matrices((4, 6), (4, 6))
    both, each = Soap(together), [Soap([parameter]) for parameter in apart]
    for step in range(4):
        give_gradients(together, torch.Generator().manual_seed(step))
        give_gradients(apart, torch.Generator().manual_seed(step))
        for soap in (both, *each):
            soap.step(torch.tensor(0.01))
            soap.refresh()
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=0)


def test_a_loaded_optimizer_goes_on_as_the_saved_one():
    first, second = matrices((4, 6)), matrices((4, 6))
    soap, again = Soap(first), Soap(second)
    for step in range(6):
        give_gradients(first, torch.Generator().manual_seed(step))
        soap.step(torch.tensor(soap.corrected(0.01, step)))
        if step == 3:
            again.load_state_dict(soap.state_dict())
            again.moments = [{name: value.clone() for name, value in now.items()} for now in again.moments]
            second[0].data.copy_(first[0])
        if step > 3:
            give_gradients(second, torch.Generator().manual_seed(step))
            again.step(torch.tensor(again.corrected(0.01, step)))
    assert torch.equal(first[0], second[0])


def test_muon_steps_are_nearly_orthogonal_and_of_the_rates_size():
    parameters = matrices((6, 3, 3, 3), (32, 6))
    for shape in ((6, 27), (32, 6)):
        values = torch.linalg.svdvals(orthogonalized(torch.randn(1, *shape)))
        assert 0.5 < float(values.min()) < float(values.max()) < 1.4
    muon, before = Muon(parameters), [parameter.clone() for parameter in parameters]
    give_gradients(parameters, torch.Generator().manual_seed(0))
    muon.step(torch.tensor(0.1))
    for old, parameter in zip(before, parameters, strict=True):
        largest = float(torch.linalg.matrix_norm((parameter - old).detach().flatten(1), 2))
        assert 0.05 < largest < 0.1 * 1.4 * max(1, (len(old) / old[0].numel()) ** 0.5)
