import numpy as np

from sharpcli.image.read import read_image
from sharpcli.image.resample import degrade
from sharpcli_training.data.synthetic import SIDE


def test_drawn_images_are_sharp_and_all_different(sharpcli, tmp_path):
    done = sharpcli("train", "draw", "-o", tmp_path / "drawn", "--count", 6)
    assert done.exit_code == 0, done.output
    images = [read_image(path).pixels for path in sorted((tmp_path / "drawn").iterdir())]
    assert [image.shape for image in images] == [(SIDE, SIDE, 3)] * 6
    assert len({image.tobytes() for image in images}) == 6
    # What is drawn has edges that no enlargement could have left: shrinking and enlarging it again costs dearly.
    costs = [np.square(image - degrade(image, 2).astype(float)).mean() for image in images]
    assert np.mean(costs) > 100


def test_the_same_seed_draws_the_same_and_a_longer_series_begins_alike(sharpcli, tmp_path):
    for name, count, seed in (("short", 2, 3), ("long", 3, 3), ("other", 2, 4)):
        sharpcli("train", "draw", "-o", tmp_path / name, "--count", count, "--seed", seed)
    short, long, other = (
        [read_image(path).pixels.tobytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("short", "long", "other")
    )
    assert long[:2] == short
    assert not set(other) & set(short)
