import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.image.read import read_image
from sharpcli.pipeline.run import enlarged
from sharpcli.plugin.enhancer import Enhancer
from sharpcli.web.cache import Recent

runs = []


class Counted(Enhancer):
    """Inverts, and notes the size of each image it is given."""

    name = "counted"
    summary = "for tests"
    dtype = "uint8"
    number: int = 0

    def enhance(self, pixels):
        runs.append(pixels.shape[:2])
        return 255 - pixels


@pytest.fixture
def file(tmp_path, photo):
    runs.clear()
    path = tmp_path / "photo.png"
    PILImage.fromarray(photo).save(path)
    return path


def whole(shape=(299, 449)):
    return sum(run == shape for run in runs)


def test_the_same_again_runs_nothing_and_each_enhancer_has_the_same_input(file, photo):
    recent = Recent()
    first, second = recent.sharpened(file, Counted()), recent.sharpened(file, Counted())
    assert (first.seconds, first.after is second.after) == (second.seconds, True)
    assert (first.after.pixels == 255 - photo).all()
    assert whole() == 1
    other = recent.sharpened(file, Counted(number=1))
    assert whole() == 2
    assert other.before is first.before is recent.before(file)


def test_another_enlargement_and_a_file_that_changed_are_made_anew(file, photo):
    recent = Recent()
    recent.sharpened(file, Counted())
    twice = recent.sharpened(file, Counted(), 2)
    assert (twice.before.pixels == enlarged(read_image(file), 2).pixels).all()
    PILImage.fromarray(photo[:100]).save(file)
    assert recent.sharpened(file, Counted()).after.pixels.shape == (100, 449, 3)


def test_no_more_is_remembered_than_there_is_room_for(file, photo):
    # The input and two results.
    recent = Recent(3 * photo.nbytes)
    for number in (0, 1, 0, 2, 0):
        recent.sharpened(file, Counted(number=number))
    assert whole() == 3
    recent.sharpened(file, Counted(number=1))
    assert whole() == 4
    nothing = Recent(photo.nbytes // 2)
    assert np.array_equal(nothing.sharpened(file, Counted()).after.pixels, 255 - photo)
