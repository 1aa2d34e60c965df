from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sharpcli.image.codecs.gif.writer import GifWriter, head
from sharpcli.image.sequences.open import opened_animation

HEIGHT, WIDTH = 5, 7
PALETTE = np.random.default_rng(1).integers(0, 256, (200, 3), np.uint8)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(2, 5), st.just(HEIGHT), st.just(WIDTH)), elements=st.integers(0, 210)))
def test_frames_with_places_that_come_and_go_are_shown_as_they_were(tmp_path_factory, indices):
    """An index beyond the palette is transparent."""
    clear = indices >= len(PALETTE)
    frames = np.concatenate(
        [PALETTE[indices.clip(0, 199)], np.where(clear, 0, 255)[..., None].astype(np.uint8)], axis=3
    )
    frames[clear] = 0
    path = tmp_path_factory.mktemp("gif") / "a.gif"
    with path.open("wb") as file:
        file.write(head(WIDTH, HEIGHT, 1, {}))
        writer = GifWriter(file)
        for frame in frames:
            writer.add(frame, Fraction(1, 10), None)
        writer.finish()
    assert writer.notes == ()
    with opened_animation(path) as animation:
        shown = np.stack([one.image.pixels for one in animation.frames()])
        assert animation.header.mode[-1] == "A" or not clear.any()
    np.testing.assert_array_equal(shown, frames[..., : shown.shape[3]])
