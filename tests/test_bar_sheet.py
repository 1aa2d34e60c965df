"""Bars as they are drawn, found by their colours."""

import numpy as np
import pytest

from sharpcli.bench.bar_sheet import COLOURS, MARGIN, WIDTH, Bar, BarSheet, bar_sheet


def lengths(pixels, colour):
    """How long the bars of a colour are, from the top; the first is the one that says what the colour is."""
    wanted = [int(colour[first : first + 2], 16) for first in (1, 3, 5)]
    rows = (pixels == wanted).all(2).sum(1)
    begins = [row for row in range(1, len(rows)) if rows[row] and not rows[row - 1]]
    return [int(rows[row]) for row in begins]


def drawn(*values, name="student", note="Machine: one"):
    groups = [(f"{name} {number}", [Bar(value, 1.2 * value, f"{value:g} ms")]) for number, value in enumerate(values)]
    return bar_sheet(BarSheet("Milliseconds", ["in memory"], groups, [note])).pixels


def test_bars_are_as_long_as_their_values_from_zero():
    _, *found = lengths(drawn(100, 50, 25, 1), COLOURS[0])
    assert found[0] > WIDTH / 4
    np.testing.assert_allclose(found, [found[0], found[0] / 2, found[0] / 4, found[0] / 100], atol=1)


@pytest.mark.parametrize("values", [(3.5,), (0.001, 1, 1000), tuple(range(1, 12)), (0.0, 0.0)])
def test_every_bar_is_seen_whatever_the_others_are(values):
    _, *found = lengths(drawn(*values), COLOURS[0])
    assert len(found) == len(values)
    assert min(found) >= 1


def test_nothing_is_drawn_over_the_edge_and_long_names_and_notes_are_kept_short():
    words = "resrgan model=x4plus_anime " * 20
    for pixels in (drawn(1, 1e6, name=words, note=words), drawn(1e9)):
        assert pixels.shape[1] == WIDTH + 2 * MARGIN
        edges = (pixels[:MARGIN], pixels[-MARGIN:], pixels[:, :MARGIN], pixels[:, -MARGIN:])
        assert all((edge == 255).all() for edge in edges)
    assert drawn(1, 2, name=words, note=words * 9).shape[0] < 600


def test_each_kind_has_its_colour():
    groups = [("student", [Bar(2, 2, "2 ms"), Bar(4, 5, "4 ms")])]
    pixels = bar_sheet(BarSheet("Milliseconds", ["in memory", "file to file"], groups, [])).pixels
    (_, memory), (_, file) = (lengths(pixels, colour) for colour in COLOURS[:2])
    assert file == pytest.approx(2 * memory, abs=1)
