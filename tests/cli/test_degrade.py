import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.read import read_image
from sharpcli.image.resample import degrade


@pytest.mark.parametrize(("arguments", "scale", "jpeg"), [((), 2, None), (("--scale", 3, "--jpeg", 75), 3, 75)])
def test_pairs_are_made_with_the_size_of_their_originals(sharpcli, tmp_path, photo, arguments, scale, jpeg):
    PILImage.fromarray(photo).save(tmp_path / "p.png")
    assert sharpcli("degrade", tmp_path / "p.png", "-o", tmp_path / "out", *arguments).exit_code == 0
    np.testing.assert_array_equal(read_image(tmp_path / "out" / "p.png").pixels, degrade(photo, scale, jpeg=jpeg))


def test_results_are_lossless_unless_told_otherwise(sharpcli, folder, tmp_path):
    sharpcli("degrade", folder, "-o", tmp_path / "out")
    assert {path.suffix for path in (tmp_path / "out").rglob("[!.]*.*")} == {".png"}
