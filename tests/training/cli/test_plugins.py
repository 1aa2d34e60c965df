"""Enhancers of plugin files in `train evaluate` and `train report`."""

import numpy as np
import pytest
from PIL import Image as PILImage

from tests.helpers.plugin_file import plugin, run

COMMANDS = {
    "evaluate": ("evaluate", "sharp", "-o", "page.md"),
    "wide": ("evaluate", "sharp", "--wide", "--only", "sharp", "-o", "page.md"),
    "report": ("report", "sharp", "--only", "x2", "--rounds", "0", "--no-crops", "-o", "page.md"),
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_one_is_measured_and_neither_prints_nor_moves_the_page(tmp_path, photo, arguments):
    (tmp_path / "sharp").mkdir()
    PILImage.fromarray(np.ascontiguousarray(photo[:64, :80])).save(tmp_path / "sharp" / "cat.png")
    plugin(tmp_path, "print('said'); os.write(1, b'said\\n'); os.chdir('/')")
    done = run(tmp_path, "train", *arguments, "-e", "mine", "--plugin", "mine.py")
    assert done.returncode == 0, done.stderr
    assert "mine" in (tmp_path / "page.md").read_text()
    assert "said" in done.stderr
    assert "said" not in done.stdout
