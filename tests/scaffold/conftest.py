"""Exported networks."""

import pytest

from tests.helpers import onnx_networks as networks


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The ONNX file of a network of `onnx_networks.py` by name, and the network itself."""
    folder = tmp_path_factory.mktemp("networks")
    made = {}

    def one(name):
        if name not in made:
            file = folder / f"{name.lower()}.onnx"
            made[name] = (file, networks.export(getattr(networks, name)(), file, dynamic=name != "Fixed"))
        return made[name]

    return one
