import time

import numpy as np
import pytest

from sharpcli.image.image import Image
from sharpcli.pipeline.run import sharpen, timed
from sharpcli.pipeline.spec import create_enhancer


@pytest.mark.parametrize("name", ["student", "teacher"])
def test_done_in_pieces_by_somebody_else_an_image_is_the_same_to_the_bit(photo, name):
    image = Image(np.ascontiguousarray(photo[:90, :120]), "RGB")
    enhancer = create_enhancer(name, {"profile": "photo"})
    shares = []

    def do(piece, share=0):
        shares.append(share)
        return piece()

    whole = sharpen(image, enhancer)
    cut = sharpen(image, enhancer, tile=64, do=do)
    assert (cut.pixels == whole.pixels).all()
    assert shares[0] == 0  # it is looked at first
    assert len(shares) == 1 + 2 * 2
    assert sum(shares) == pytest.approx(1)


def test_the_time_of_an_enhancer_is_without_the_waits_between_its_pieces(photo):
    image = Image(np.ascontiguousarray(photo[:64, :64]), "RGB")
    now = [0.0]

    def do(piece, share=0):
        now[0] += 100
        return piece()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "perf_counter", lambda: now[0])
        _, seconds = timed(image, create_enhancer("bicubic", {}), 32, do)
    assert seconds == 0


def test_ink_and_black_are_both_halves_of_the_work(photo):
    ink = Image(np.dstack([photo[:40, :40], photo[:40, :40, :1]]), "CMYK")
    shares = []

    def do(piece, share=0):
        shares.append(share)
        return piece()

    sharpen(ink, create_enhancer("bicubic", {}), do=do)
    assert sum(shares) == pytest.approx(1)


def test_what_raises_instead_of_doing_a_piece_ends_the_work(photo):
    done = []

    def do(piece, share=0):
        if len(done) == 3:
            raise InterruptedError
        done.append(share)
        return piece()

    with pytest.raises(InterruptedError):
        sharpen(Image(photo, "RGB"), create_enhancer("bicubic", {}), tile=64, do=do)
