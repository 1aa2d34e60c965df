"""When a stream is looked at again, by a clock that the test winds, and what comes of it."""

import threading

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from sharpcli.errors import SharpError
from sharpcli.live.steps import ladder
from sharpcli.live.watch import EVERY, SOON, differ
from sharpcli.pipeline.spec import create_enhancer
from sharpcli.plugin.enhancer import Enhancer, option
from tests.helpers.frames import Local, components, frame_of


class Adding(Enhancer):
    """Adds as many levels as the middle of the frame that it was shown has above 100; 0 below."""

    name = "adding"
    summary = "for tests"
    color = "any"
    dtype = "uint8"
    receptive_radius = 0
    levels: int = option(-1, "how many; -1 = as found")

    def for_image(self, pixels):
        Shown.count += 1
        Shown.threads.add(threading.current_thread().name)
        assert Shown.allowed.wait(60)
        if Shown.trouble:
            raise Shown.trouble
        return Adding(max(0, int(pixels[32, 48, 0]) - 100))

    def enhance(self, pixels):
        return pixels + np.uint8(self.levels)

    def finding(self):
        return f"added: {self.levels}"


class Shown:
    """What happened to Adding, and what is to happen."""

    count, threads, allowed, trouble = 0, set(), threading.Event(), None


@pytest.fixture(autouse=True)
def shown():
    Shown.count, Shown.threads, Shown.allowed, Shown.trouble = 0, set(), threading.Event(), None
    Shown.allowed.set()
    return Shown


def looking():
    """The threads that look at frames."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("look")]


def ended():
    """Wait until no look goes on."""
    for thread in looking():
        thread.join(60)
    assert not looking()


class Stream:
    """Frames that ask for some levels, through the ladder's steps, at times that the test sets."""

    def __init__(self, enhancer=None):
        self.now = 0.0
        self.steps = ladder(enhancer or Adding(), clock=lambda: self.now)

    def added(self, asked, step=0):
        """What was added to the next frame."""
        pixels = np.full((64, 96, 1), 100, np.uint8)
        pixels[:, :48], pixels[32, 48] = 30, 100 + asked
        self.steps[step].look(pixels)
        return int(self.steps[step].pixels(pixels)[0, 0, 0]) - 30

    def looked(self, asked, step=0):
        """What is added after the look that is due now, and all its thread does, is over."""
        before = Shown.count
        self.added(asked, step)
        ended()
        assert Shown.count == before + 1
        return self.added(asked, step)


def test_a_stream_is_not_looked_at_before_it_is_time():
    stream = Stream()
    assert stream.added(10) == 10
    stream.now = EVERY - 0.01
    assert [stream.added(90) for _ in range(20)] == [10] * 20
    assert Shown.count == 1


def test_another_enhancer_takes_its_place_when_two_looks_in_a_row_ask_for_one():
    stream = Stream()
    stream.added(10)
    stream.now = EVERY
    assert stream.looked(90) == 10
    stream.now += SOON - 0.01
    assert stream.added(90) == 10
    assert Shown.count == 2
    stream.now += 0.01
    assert stream.looked(90) == 90
    assert stream.steps[0].found == "added: 90"
    assert [stream.added(90) for _ in range(3)] == [90] * 3


def test_what_is_seen_once_changes_nothing():
    stream = Stream()
    stream.added(10)
    for asked, seconds in ((90, EVERY), (10, SOON), (90, EVERY), (10, SOON)):
        stream.now += seconds
        assert stream.looked(asked) == 10


def test_what_would_hardly_be_seen_changes_nothing():
    stream = Stream()
    stream.added(100)
    for seconds in (EVERY, EVERY, EVERY):
        stream.now += seconds
        assert stream.looked(104) == 100


def test_a_frame_that_shows_nothing_is_no_reason():
    stream = Stream()
    stream.added(10)
    stream.now = EVERY
    blank = np.full((64, 96, 1), 200, np.uint8)
    stream.steps[0].look(blank)
    ended()
    assert Shown.count == 1
    assert stream.added(10) == 10


def test_frames_go_on_while_one_is_looked_at_and_no_other_look_begins():
    stream = Stream()
    stream.added(10)
    Shown.allowed.clear()
    stream.now = EVERY
    assert [stream.added(90) for _ in range(5)] == [10] * 5
    stream.now = 10 * EVERY
    assert [stream.added(90) for _ in range(5)] == [10] * 5
    assert len(looking()) == 1
    Shown.allowed.set()
    ended()
    assert Shown.count == 2
    assert len(Shown.threads) == 2


def test_steps_of_the_same_enhancer_are_looked_at_as_one():
    stream = Stream()
    stream.added(10)
    stream.now = EVERY
    stream.looked(90)
    stream.now += SOON
    stream.looked(90, step=1)
    assert [stream.added(90, step) for step in range(4)] == [90, 90, 90, 0]
    assert [step.found for step in stream.steps] == ["added: 90"] * 3 + [""]


def test_an_enhancer_that_settles_for_itself_is_never_looked_at_again():
    stream = Stream(Local())
    for _ in range(3):
        stream.added(10)
        stream.now += EVERY
    assert not looking()


def test_what_goes_wrong_in_a_look_is_raised_at_the_next_frame():
    stream = Stream()
    stream.added(10)
    stream.now, Shown.trouble = EVERY, OSError("weights are gone")
    assert stream.added(90) == 10
    ended()
    with pytest.raises(SharpError, match="weights are gone"):
        stream.added(90)


def test_closing_waits_for_a_look_raises_what_it_came_to_and_leaves_no_thread():
    stream = Stream()
    stream.added(10)
    Shown.allowed.clear()
    stream.now, Shown.trouble = EVERY, OSError("weights are gone")
    stream.added(90)
    threading.Timer(0.01, Shown.allowed.set).start()
    with pytest.raises(SharpError, match="weights are gone"):
        stream.steps[0].close()
    assert not looking()
    stream.now = 10 * EVERY
    stream.added(90)
    assert Shown.count == 2


@pytest.mark.parametrize(("white", "kind"), [(255, np.uint8), (65535, np.uint16)])
def test_results_differ_by_what_is_seen_and_by_a_share_of_the_effect(white, kind):
    level = white // 255
    before = np.full((8, 8, 1), 100 * level, kind)
    assert differ(before, before, before + kind(level))
    few = before.copy()
    few[:2] += kind(level)
    assert not differ(before, before, few)
    assert differ(before, before + kind(8 * level), before + kind(3 * level))
    assert not differ(before, before + kind(8 * level), before + kind(5 * level))


def test_a_stream_that_becomes_blurry_is_sharpened_anew(photo):
    now = [0.0]
    step = ladder(create_enhancer("student-live", {"profile": "deblur"}), clock=lambda: now[0])[0]
    sharp = np.tile(photo[..., 1], (2, 2))[:240, :320].astype(np.float32)
    blurry = gaussian_filter(sharp, 2)

    def gained(luma):
        given = np.rint(luma).astype(np.uint8)
        frame = frame_of("gray", [given])
        step.look(frame)
        error, before = (np.square(one - sharp).mean() for one in (components(step(frame))[0], given))
        return 10 * np.log10(before / error) if error else 0.0

    gained(sharp)
    settled = step.found
    first = gained(blurry)
    for seconds in (EVERY, SOON):
        now[0] += seconds
        gained(blurry)
        ended()
        after = gained(blurry)
    assert after > first + 1
    assert step.found != settled
    step.close()
