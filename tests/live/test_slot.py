import threading

import pytest

from sharpcli.live.slot import Slot


def test_the_newest_item_wins_and_the_others_are_counted():
    slot = Slot()
    for item in range(1000):
        slot.put(item)
    assert (slot.take(), slot.take(0)) == (999, None)
    assert (slot.came, slot.dropped) == (1000, 999)


def test_who_waits_gets_what_comes():
    slot = Slot()
    thread = threading.Timer(0.05, slot.put, ["late"])
    thread.start()
    assert slot.take(60) == "late"
    thread.join()


def test_the_last_item_is_taken_before_the_end_and_before_what_went_wrong():
    slot = Slot()
    slot.put("last")
    slot.close(OSError("camera unplugged"))
    slot.put("too late")
    assert slot.take() == "last"
    with pytest.raises(OSError, match="unplugged"):
        slot.take()


def test_an_end_wakes_who_waits():
    slot = Slot()
    threading.Timer(0.05, slot.close).start()
    assert slot.take(60) is None
    assert slot.closed
