"""A small pack of training pairs, made from scikit-image's photographs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image as PILImage
from skimage import data

from sharpcli_training.data.sources import is_held_out


@pytest.fixture(scope="session")
def images(tmp_path_factory):
    """A folder laid out as DIV2K is, with eleven images, two of them held out."""
    root = tmp_path_factory.mktemp("images")
    (root / "DIV2K_train_HR").mkdir()
    photos = [data.astronaut(), data.chelsea(), data.coffee(), data.camera()]
    held = [number for number in range(800) if is_held_out(f"{number:04}")]
    free = [number for number in range(800) if number not in held]
    for index, number in enumerate(sorted(held[:2] + free[:9])):
        photo = photos[index % 4]
        top = 20 * (index // 4)
        PILImage.fromarray(photo[top : top + 160, 100:260]).save(root / "DIV2K_train_HR" / f"{number:04}.png")
    return root


class Threads(ThreadPoolExecutor):
    """Stands in for a pool of processes, each of which takes seconds to start."""

    def __init__(self, workers, context):
        super().__init__(workers)


@pytest.fixture(scope="session", autouse=True)
def in_threads():
    """Images are cut here; in processes of their own where `test_prepare.py` wants them so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sharpcli_training.data.prepare.ProcessPoolExecutor", Threads)
        yield


@pytest.fixture(scope="session")
def packs(images, in_threads, tmp_path_factory):
    """One pack a profile."""
    from pathlib import Path

    from sharpcli_training.data.prepare import PreparePlan, prepare

    root = tmp_path_factory.mktemp("packs")
    for profile in ("x2", "photo"):
        prepare([images], root / profile, PreparePlan(profile, crops=2), lambda done, total: None)
    return Path(root)
