"""Training's imports, its record of a run and its figures talk to nobody and leave nothing below HOME."""

from tests.helpers.alone import Alone

# torch asks the first where CUDA's libraries are, matplotlib the second for fonts.
MAY_RUN = ("ldconfig", "fc-list")
EVERYTHING = """
import importlib, pkgutil, sharpcli_training
for module in pkgutil.walk_packages(sharpcli_training.__path__, "sharpcli_training."):
    importlib.import_module(module.name)
"""
FIGURES = """
from pathlib import Path
from torch.utils.tensorboard import SummaryWriter
from sharpcli_training.fit.record import draw_curves
with SummaryWriter("board") as board:
    board.add_scalar("loss", 1.0, 1)
row = {"step": 1, "loss": 2.0, "psnr": 30.0, "input": 28.0}
draw_curves([row, {**row, "step": 2}], Path("curves.png"))
"""


def test_all_modules_are_imported(tmp_path):
    Alone(tmp_path, MAY_RUN).run("-c", EVERYTHING)


def test_figures_are_drawn(tmp_path):
    alone = Alone(tmp_path, MAY_RUN)
    alone.run("-c", FIGURES)
    assert (alone.work / "curves.png").is_file()
    assert list((alone.work / "board").iterdir())
