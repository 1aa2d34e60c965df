"""`sharpcli new --onnx` reads what torch's exporters write."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from sharpcli.inference.generic import ForeignNetwork, Form, read_model
from sharpcli.scaffold.onnx.facts import read_facts
from sharpcli.scaffold.onnx.files import whole_onnx


class Luma(nn.Module):
    """Sharpens one channel by two convolutions."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.body = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 3, padding=1))

    def forward(self, x):
        return (x + 0.1 * self.body(x)).clamp(0, 1)


EXAMPLE = (torch.zeros(1, 1, 32, 32),)


def test_weights_that_torch_puts_into_another_file_are_put_in(tmp_path):
    dynamic = ({2: torch.export.Dim("h"), 3: torch.export.Dim("w")},)
    torch.onnx.export(Luma().eval(), EXAMPLE, tmp_path / "t.onnx", dynamo=True, dynamic_shapes=dynamic, verbose=False)
    assert (tmp_path / "t.onnx.data").is_file()
    (tmp_path / "whole").write_bytes(whole_onnx(tmp_path / "t.onnx"))
    read_model(tmp_path / "whole")


@pytest.mark.parametrize("dynamo", [False, True])
def test_a_network_from_torch_gives_what_torch_gives(tmp_path, dynamo):
    network, file = Luma().eval(), tmp_path / "t.onnx"
    if dynamo:
        sides = {"dynamic_shapes": ({2: torch.export.Dim("h"), 3: torch.export.Dim("w")},), "external_data": False}
    else:
        sides = {"dynamic_axes": {"x": {2: "h", 3: "w"}, "out": {2: "h", 3: "w"}}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, EXAMPLE, file, dynamo=dynamo, input_names=["x"], output_names=["out"], verbose=False, **sides
        )
    facts = read_facts(file, lambda questions: pytest.fail(str(questions)), None, None, None)
    assert (facts.form.channels, facts.form.peak, facts.scale, facts.form.multiple) == (1, 1, 1, 1)
    pixels = np.random.default_rng(0).random((41, 53, 1), np.float32)
    with torch.no_grad():
        expected = network(torch.from_numpy(pixels).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(ForeignNetwork(file, Form(channels=1))(pixels), expected, atol=1e-5)
