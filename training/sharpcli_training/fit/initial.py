"""What a plain network starts from: the weights of a run, of an exported file, or ones that ship."""

from __future__ import annotations

from pathlib import Path

from sharpcli_training.fit.checkpoints import load_run
from sharpcli_training.fit.start import take_all_weights
from sharpcli_training.networks.base import RestorationNetwork
from sharpcli_training.networks.build import start_from
from sharpcli_training.networks.student import Student


def start_with(network: RestorationNetwork, name: str) -> None:
    """Give `network` the weights that `name` stands for: a run's folder, an ONNX file, or shipped weights.

    Raises SharpError for what is none of these, and for weights of another shape.
    """
    if Path(name).is_dir():
        start_from(network, load_run(Path(name))[1])
    elif isinstance(network, Student):
        # Files hold the plain stack, whatever the layers are while they learn.
        plain = Student(network.channels, network.layers)
        take_all_weights(plain, name)
        start_from(network, plain)
    else:
        take_all_weights(network, name)
