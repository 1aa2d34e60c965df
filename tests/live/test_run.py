"""The loop with sources that wait for the sink, so that nothing depends on time."""

import re
import threading
import time

import numpy as np
import pytest

from sharpcli.errors import SharpError
from sharpcli.live.governor import Governor
from sharpcli.live.run import run, warm
from sharpcli.live.status import Status
from sharpcli.live.steps import ladder
from tests.helpers.frames import Local, components, frame_of, samples


def governor(enhancer=None):
    return Governor(ladder(enhancer or Local()), 1.0, 10.0)


def frames(count):
    return [frame_of("gray", samples("gray", 96, 64, seed), pts=seed) for seed in range(count)]


class Sink:
    def __init__(self, most=10**6):
        self.got, self.most = [], most
        self.ready = threading.Semaphore(1)

    def write(self, frame):
        self.got.append(frame)
        self.ready.release()
        return len(self.got) < self.most


def in_step(sink, given):
    for frame in given:
        assert sink.ready.acquire(timeout=60)
        yield frame


def test_every_frame_there_is_time_for_arrives_enhanced_and_in_order():
    sink, given = Sink(), frames(6)
    before = [components(frame)[0] for frame in given]
    figures = run(in_step(sink, given), sink, governor())
    assert [frame.pts for frame in sink.got] == list(range(6))
    assert not any(np.array_equal(components(frame)[0], had) for frame, had in zip(sink.got, before, strict=True))
    assert (figures.frames, figures.dropped, figures.step) == (6, 0, "local")
    assert 0 < figures.p50 <= figures.p95


def test_a_consumer_that_stops_for_a_while_gets_the_newest_frame_and_the_rest_is_dropped():
    came = threading.Event()

    class Stuck(Sink):
        def write(self, frame):
            assert came.wait(60)
            return super().write(frame)

    def source(given):
        for frame in given[:-1]:
            yield frame
            # The first one was taken before the others come.
            while slots_first and not taken.wait(60):
                pass
        yield given[-1]
        came.set()

    slots_first, taken, sink = True, threading.Event(), Stuck()
    control = governor()
    told = control.took
    control.took = lambda seconds: (told(seconds), taken.set())
    figures = run(source(frames(50)), sink, control)
    assert [frame.pts for frame in sink.got] == [0, 49]
    assert figures.dropped == 48


def test_it_ends_where_the_sink_wants_no_more_and_closes_the_source():
    sink, closed = Sink(most=2), threading.Event()

    def endless():
        try:
            while True:
                yield from in_step(sink, frames(3))
        finally:
            closed.set()

    run(endless(), sink, governor())
    assert len(sink.got) == 2
    sink.ready.release()
    assert closed.wait(60)


def test_what_goes_wrong_at_the_source_is_raised_after_the_last_frame():
    sink = Sink()

    def broken():
        yield from in_step(sink, frames(2))
        assert sink.ready.acquire(timeout=60)
        raise OSError("camera unplugged")

    with pytest.raises(OSError, match="unplugged"):
        run(broken(), sink, governor())
    assert len(sink.got) == 2


def test_a_stream_is_looked_at_again_while_it_runs_and_trouble_with_that_ends_it():
    class Losing(Local):
        asked = 0

        def for_frames(self, pixels):
            Losing.asked += 1
            if Losing.asked > 1:
                raise OSError("weights are gone")
            return Losing()

    now = iter(range(0, 10**6, 2))
    control = Governor(ladder(Losing(), clock=lambda: next(now)), 1.0, 10.0)
    sink = Sink()
    with pytest.raises(SharpError, match="weights are gone"):
        run(in_step(sink, frames(100)), sink, control)
    assert sink.got
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("look")]


@pytest.mark.parametrize("kind", ["frame", "pixels"])
def test_warming_up_measures_every_step_and_leaves_the_frame_alone(kind):
    control, frame = governor(), frames(1)[0]
    expected = {}
    control.expect = lambda index, *costs: expected.update({index: costs})
    warm(control, frame if kind == "frame" else components(frame)[0].astype(np.uint8)[..., None])
    assert np.array_equal(components(frame)[0], samples("gray", 96, 64)[0])
    assert sorted(expected) == list(range(len(control.steps)))
    assert control.reason == "begin with local"


def test_a_step_that_is_far_too_late_is_not_tried_for_long():
    class Slow(Local):
        receptive_radius, ran = None, 0

        def enhance(self, pixels):
            Slow.ran += 1
            time.sleep(0.02)
            return super().enhance(pixels)

    control = Governor(ladder(Slow()), 1.0, 0.001)
    warm(control, frames(1)[0])
    assert Slow.ran == 3
    assert re.fullmatch(r"begin with pass through: (a frame of )?local (takes|needs) .* to begin with", control.reason)


def test_the_figures_are_those_of_the_last_seconds():
    now = [0.0]
    status = Status(lambda: now[0])
    for _ in range(600):
        now[0] += 0.05
        status.done(0.02 if now[0] > 15 else 5.0)
    figures = status.figures(0.41, "student-live", 6)
    assert figures.line() == (
        "20.0 frames/s, added latency 20 ms (95 %: 20 ms), CPU 41%, student-live, 6 dropped (1.0%)"
    )


def test_what_was_found_is_in_the_line_after_the_step():
    status = Status(lambda: 0.0)
    assert (
        "CPU 10%, student (undone: nothing), 0 dropped" in status.figures(0.1, "student", 0, "undone: nothing").line()
    )
