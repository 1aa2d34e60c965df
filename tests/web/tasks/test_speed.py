import pytest

from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Cost, Enhancer
from sharpcli.web.tasks.speed import HEAVY_SIDE, SIDE, Speeds, tile_side
from sharpcli.web.views.run import roughly


class Costly(Enhancer):
    """Says what it costs."""

    name = "costly"
    summary = "for tests"
    cost_of: float = 100.0

    def cost(self):
        return Cost(None, self.cost_of)


class Unsaid(Enhancer):
    """Does not."""

    name = "unsaid"
    summary = "for tests"


def test_what_was_measured_here_counts_and_the_newest_most():
    speeds = Speeds()
    speeds.note(Unsaid(), 2, 4)
    assert speeds.expected(Unsaid(), 3) == pytest.approx(6)
    for _ in range(20):
        speeds.note(Unsaid(), 1, 10)
    assert speeds.expected(Unsaid(), 1) == pytest.approx(10, rel=0.01)


def test_before_it_ran_an_enhancer_is_judged_by_its_cost_beside_those_that_did():
    speeds = Speeds()
    before = speeds.expected(Costly(), 1)
    assert speeds.expected(Costly(cost_of=200.0), 1) == pytest.approx(2 * before)
    speeds.note(Costly(), 1, 7)
    assert speeds.expected(Costly(cost_of=200.0), 1) == pytest.approx(14)


def test_an_image_of_a_few_pixels_says_nothing():
    speeds = Speeds()
    before = speeds.expected(Costly(), 1)
    speeds.note(Costly(), 0.01, 7)
    assert speeds.expected(Costly(), 1) == before


def test_the_heavy_and_the_unknown_have_small_tiles():
    sides = {name: tile_side(create_enhancer(name, {})) for name in ("student", "student-large", "teacher")}
    assert sides == {"student": SIDE, "student-large": SIDE, "teacher": HEAVY_SIDE}
    assert tile_side(Unsaid()) == HEAVY_SIDE


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.1, "1 s"), (7.4, "7 s"), (48, "50 s"), (98, "100 s"), (170, "3 min")],
)
def test_times_are_said_as_roughly_as_they_are_known(seconds, said):
    assert roughly(seconds) == said
