import pytest

from sharpcli.errors import SharpError
from sharpcli.web.tasks.streams import Streams


def test_a_stream_keeps_its_place_between_frames_until_it_leaves():
    streams = Streams(1)
    with streams.turn("one"):
        pass
    with pytest.raises(SharpError, match="all 1 camera slots are in use"), streams.turn("two"):
        pass
    streams.leave("one")
    with streams.turn("two"):
        pass  # passes if the turn is granted


def test_a_silent_stream_loses_its_place():
    streams = Streams(1, silence=0)
    with streams.turn("one"):
        pass
    with streams.turn("two"):
        pass  # passes if the turn is granted


def test_one_frame_of_a_stream_is_in_work_at_a_time():
    streams = Streams(2)
    with streams.turn("one"), pytest.raises(SharpError, match="one frame at a time"), streams.turn("one"):
        pass
    with streams.turn("one"):
        pass


def test_who_leaves_with_a_frame_in_work_makes_room_when_it_is_done():
    streams = Streams(1, silence=0)
    with streams.turn("one"):
        streams.leave("one")
        with pytest.raises(SharpError), streams.turn("two"):
            pass
    with streams.turn("two"):
        pass


def test_a_frame_that_fails_gives_the_turn_back():
    streams = Streams(1)
    with pytest.raises(ValueError, match="broken"), streams.turn("one"):
        raise ValueError("broken")
    with streams.turn("one"):
        pass


def test_what_belongs_to_a_stream_is_kept_until_it_leaves():
    streams = Streams(2)
    with streams.turn("one") as kept:
        kept["mine"] = 1
    with streams.turn("two") as other:
        assert other == {}
    with streams.turn("one") as kept:
        assert kept == {"mine": 1}
    streams.leave("one")
    with streams.turn("one") as kept:
        assert kept == {}
