import numpy as np
import pytest
from PIL import Image

from sharpcli_training.evaluate import GRID, pair


@pytest.fixture
def originals(tmp_path, photo):
    (tmp_path / "Tiny").mkdir()
    Image.fromarray(photo[:95, :121]).save(tmp_path / "Tiny" / "a.png")
    Image.fromarray(photo[100:196, 100:220]).save(tmp_path / "Tiny" / "b.png")
    return tmp_path / "Tiny"


def test_the_table_has_the_untouched_input_and_says_its_convention(sharpcli, originals, tmp_path):
    done = sharpcli("train", "evaluate", originals, "-e", "student-live", "-e", "bicubic", "-o", tmp_path / "t.md")
    assert done.exit_code == 0
    assert "Convention papers" in done.stdout
    rows = {
        line.split("|")[1].strip(): line.split("|")[2].split("/")[0] for line in done.stdout.splitlines() if "|" in line
    }
    assert float(rows["student-live"]) > float(rows["bicubic (untouched input)"]) + 1
    assert rows["bicubic"] == rows["bicubic (untouched input)"]
    assert (tmp_path / "t.md").read_text().strip() == done.stdout.strip()


def test_the_grid_has_a_row_for_every_damage(sharpcli, originals):
    done = sharpcli("train", "evaluate", originals, "--grid", "-e", "student-live")
    assert done.exit_code == 0
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines() if line.startswith("| ")]
    assert rows[1:] == list(GRID)
    assert len(GRID) == 12


def test_shifted_pairs_lie_on_the_other_phase_of_the_grid(photo):
    (straight, _), (shifted, original) = (pair(photo, 2.0, shift, None) for shift in (False, True))
    np.testing.assert_array_equal(shifted, straight[1:, 1:])
    np.testing.assert_array_equal(original, photo[1:298, 1:448])
