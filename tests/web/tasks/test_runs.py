import threading
from contextlib import ExitStack

import pytest

from sharpcli.errors import SharpError
from sharpcli.web.tasks.room import Room
from sharpcli.web.tasks.runs import Runs, Visitor
from sharpcli.web.tasks.turns import StoppedError, UselessError

ANNA, BEN = Visitor("anna", "10.0.0.1"), Visitor("ben", "10.0.0.2")


@pytest.fixture
def runs():
    return Runs()


def test_a_visitor_has_a_share_and_others_have_theirs(runs):
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(runs.run(ANNA))
        with pytest.raises(SharpError, match="you already have 5 images in work"):
            stack.enter_context(runs.run(ANNA))
        stack.enter_context(runs.run(BEN))
    with runs.run(ANNA) as run:
        assert run.do(lambda: 7) == 7


def test_another_wish_stops_what_has_become_useless_and_nothing_else(runs):
    with (
        runs.run(ANNA, "enhance", "teacher") as old,
        runs.run(ANNA, "compare", "both") as other,
        runs.run(BEN, "enhance", "teacher") as bens,
    ):
        runs.want("anna", "enhance", "student", 2.0)
        assert old.ended()
        assert not other.ended()
        assert not bens.ended()
        with pytest.raises(StoppedError):
            old.do(lambda: 7)
    with pytest.raises(StoppedError), runs.run(ANNA, "enhance", "teacher"):
        pass
    with runs.run(ANNA, "enhance", "student") as new:
        assert not new.ended()


def test_a_wish_that_arrives_late_does_not_count(runs):
    runs.want("anna", "enhance", "newest", 3.0)
    runs.want("anna", "enhance", "older", 2.0)
    with runs.run(ANNA, "enhance", "newest") as run:
        assert not run.ended()


def test_a_run_that_starts_before_its_wish_arrives_is_not_taken_for_an_older_one(runs):
    runs.want("anna", "enhance", "teacher", 1.0)
    with runs.run(ANNA, "enhance", "student", 2.0) as run:
        runs.want("anna", "enhance", "student", 2.0)
        assert run.do(lambda: 7) == 7
        with pytest.raises(UselessError), runs.run(ANNA, "enhance", "teacher", 1.0):
            pass
        with runs.run(ANNA, "enhance", "newest", 3.0):
            assert run.useless


def test_who_leaves_stops_all_runs_and_is_forgotten(runs):
    with runs.run(ANNA, "enhance", "teacher") as one, runs.run(ANNA, "score") as two:
        runs.want("anna", "enhance", "teacher", 1.0)
        runs.leave("anna")
        assert one.ended()
        assert two.ended()
    with runs.run(ANNA, "enhance", "student") as new:
        assert new.do(lambda: 7) == 7


def test_a_run_of_a_client_that_is_gone_does_nothing_more(runs):
    gone = threading.Event()
    with runs.run(ANNA, gone=gone.is_set) as run:
        assert run.do(lambda: 7) == 7
        gone.set()
        with pytest.raises(StoppedError):
            run.do(lambda: 8)


def test_what_is_left_is_known_after_the_first_tile_and_shrinks(runs):
    with runs.run(ANNA) as run:
        run.do(lambda: None)
        assert run.left() is None
        run.do(lambda: threading.Event().wait(0.01), 0.25)
        first = run.left()
        run.do(lambda: None, 0.75)
        assert first > run.left() == 0


def test_parts_of_a_run_add_up(runs):
    with runs.run(ANNA) as run:
        with run.part(0.5):
            run.do(lambda: None, 0.5)
            assert run.share == 0.25
        assert run.share == 0.5
        with run.part(0.5):
            pass  # known already
        assert run.share == 1


def waits(room, address, megapixels):
    """Whether an image does not get in; it gives up then."""
    asked = []

    def given_up():
        asked.append(True)
        return True

    try:
        with room.hold(address, megapixels, given_up):
            return bool(asked)
    except StoppedError:
        return True


def test_large_images_wait_for_room_and_small_ones_do_not():
    room = Room(100)
    with room.hold("a", 50), room.hold("b", 40):
        assert waits(room, "c", 20)
        assert not waits(room, "c", 10)
        assert not waits(room, "c", 1)
    assert not waits(room, "c", 20)


def test_one_address_leaves_half_of_the_room_to_others():
    room = Room(100)
    with room.hold("a", 30):
        assert waits(room, "a", 30)
        assert not waits(room, "b", 50)


def test_an_image_larger_than_all_the_room_gets_in_alone():
    room = Room(100)
    assert not waits(room, "a", 300)
    with room.hold("b", 10):
        assert waits(room, "a", 300)
