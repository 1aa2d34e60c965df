import threading

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.errors import ImageError
from sharpcli.image.read import opened
from sharpcli.image.scratch import IN_MEMORY
from sharpcli.pipeline.budget import Ceiling
from sharpcli.scoring import files
from sharpcli.scoring.files import needed, score_files
from sharpcli.scoring.metrics import STANDARD, MsSsim
from sharpcli.scoring.score import rgb_of

MB = 1_000_000
PLENTY, LITTLE = 1000 * MB, 90 * MB


@pytest.fixture
def pair(tmp_path, photo):
    """A reference of 2.2 megapixels in a mode, and what is left of it."""

    def saved(mode, ending):
        pixels = np.tile(photo, (9, 9, 1))[:1500, :1500]
        paths = tmp_path / f"result.{ending}", tmp_path / f"reference.{ending}"
        for path, image in zip(paths, (pixels // 2 + 60, pixels), strict=True):
            made = PILImage.fromarray(image)
            if mode == "RGBA":
                made.putalpha(made.getchannel(0))
            (made if mode in ("RGB", "RGBA") else made.convert(mode)).save(path)
        return paths

    return saved


@pytest.mark.parametrize(
    ("mode", "ending", "little"),
    [("RGB", "jpg", 68), ("RGB", "png", 68), ("RGBA", "png", 150), ("L", "png", 150), ("CMYK", "jpg", 160)],
)
def test_a_pair_on_disk_scores_as_in_memory(pair, monkeypatch, mode, ending, little):
    result, reference = pair(mode, ending)
    used = []
    monkeypatch.setattr(files, "rgb_of", lambda image, scratch: used.append(scratch) or rgb_of(image, scratch))
    scores = [
        score_files("a", result, reference, result, "y", STANDARD, Ceiling(total, 1))
        for total in (PLENTY, int(little * MB))
    ]
    assert [scratch is IN_MEMORY for scratch in used] == [True] * 3 + [False] * 3
    assert scores[0] == scores[1]
    assert scores[0].input == scores[0].result


def test_a_pair_that_can_never_fit_is_refused_with_what_would_do(pair):
    result, reference = pair("RGB", "png")
    with pytest.raises(ImageError, match=r"result\.png: does not fit in the memory limit; use --memory 0\.\dGB"):
        score_files("a", result, reference, None, "rgb", [MsSsim()], Ceiling(LITTLE, 1))
    assert score_files("a", result, reference, None, "rgb", [MsSsim()], Ceiling(PLENTY, 1)).result["ms-ssim"] < 1


def test_pairs_wait_for_one_another(pair, monkeypatch):
    """Two that fit one by one, and not together."""
    result, reference = pair("RGB", "png")
    inside, most, lock = 0, 0, threading.Lock()
    meet = threading.Barrier(2)

    def measured(*_):
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.05)
        with lock:
            inside -= 1
        return {"psnr": 1.0}

    monkeypatch.setattr("sharpcli.scoring.files.score_pixels", measured)
    space = Ceiling(LITTLE, 2)

    def score():
        meet.wait()
        score_files("a", result, reference, None, "rgb", STANDARD, space)

    threads = [threading.Thread(target=score) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1


def test_what_is_needed_grows_with_the_images_and_with_metrics_that_see_them_whole(pair):
    result, reference = pair("RGB", "png")
    with opened(result) as first, opened(reference) as second:
        headers = second.header, [first.header]
        need = needed(*headers, STANDARD)
        assert need.pixels == 2 * 3 * 1500**2
        assert need.whole == 0
        assert needed(*headers, [*STANDARD, MsSsim()]).whole >= 48 * 1500**2
