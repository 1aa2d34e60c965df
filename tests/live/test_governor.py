"""The governor by a clock that the test winds: no time is measured."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharpcli.live.governor import Governor
from sharpcli.live.watch import EVERY

NAMES = ("student", "student-live", "student-live on what changed", "student-live on the centre", "pass through")
COSTS = (0.060, 0.012, 0.007, 0.004, 0.0002)
FRAME = 1 / 30
CORES = 2


class Machine:
    """Two cores on which a frame of each step takes so long, of both, and a camera of 30 frames a second.

    A look at the stream takes `looks` seconds of one core.
    """

    def __init__(self, costs=COSTS, share=0.5, start=0, battery=False, frame=FRAME, looks=0.0):
        self.now = self.used = 0.0
        self.costs, self.battery, self.said, self.taken, self.looks = list(costs), battery, [], [], looks
        self.governor = Governor(
            [SimpleNamespace(name=name) for name in NAMES],
            share,
            frame,
            clock=lambda: self.now,
            cpu_clock=lambda: self.used,
            on_battery=lambda: self.battery,
            start=start,
            processors=CORES,
            tell=self.said.append,
        )

    def run(self, seconds, noise=lambda: 1.0):
        """The steps that were in use, one entry a change."""
        end = self.now + seconds
        while self.now < end:
            cost = self.costs[self.governor.index] * noise()
            self.taken.append(self.governor.step.name)
            self.used += cost * CORES
            if self.now // EVERY != (self.now + max(cost, FRAME)) // EVERY:
                self.used += self.looks
            self.now += max(cost, FRAME)
            self.governor.took(cost)
        return self.governor.step.name


def changes(machine):
    return [said for said in machine.said if said.startswith(("up", "down"))]


def test_what_takes_too_long_is_stepped_down_from_within_seconds_and_said():
    machine = Machine()
    assert machine.run(3) == "student-live"
    assert machine.said == [f"down to student-live: {machine.said[0].partition(': ')[2]}"]
    assert "a frame takes 60 ms, 33 ms allowed" in machine.said[0] or "50% allowed" in machine.said[0]


def test_a_share_of_the_processor_is_kept_though_the_frames_are_in_time():
    machine = Machine(share=0.25)
    machine.run(10)
    before, used = machine.now, machine.used
    machine.run(20)
    assert machine.governor.step.name == "student-live on what changed"
    assert (machine.used - used) / (machine.now - before) / CORES <= 0.25
    assert "36% of the processor in use, 25% allowed" in machine.said[-1]


def test_when_nothing_fits_frames_pass_through_and_stay_in_time():
    machine = Machine(costs=(0.2, 0.2, 0.2, 0.2, 0.001))
    assert machine.run(20) == "pass through"


def test_a_step_that_is_affordable_again_is_taken_up_again_and_said():
    machine = Machine(start=1)
    machine.costs = [0.2, 0.1, 0.08, 0.004, 0.0002]  # another program takes the cores
    assert machine.run(10) == "student-live on the centre"
    machine.costs = list(COSTS)
    assert machine.run(900) == "student-live"
    assert any(said.startswith("up to student-live:") for said in machine.said)


def test_the_best_step_is_found_where_there_is_room():
    machine = Machine(costs=(0.010, 0.002, 0.002, 0.001, 0.0002), start=4)
    assert machine.run(60) == "student"


def test_a_step_known_not_to_fit_is_not_tried_out_on_a_viewer_s_time():
    machine = Machine(start=1)
    machine.governor.expect(0, 0.060, 0.120)
    machine.run(100)
    assert set(machine.taken) == {"student-live"}


def test_what_was_late_while_another_program_ran_is_tried_again_soon():
    machine = Machine()
    machine.governor.expect(0, 0.100, 0.010)
    machine.governor.begin()
    assert machine.run(15) == "student-live"
    machine.costs[0] = 0.010
    assert machine.run(15) == "student"


@settings(max_examples=40, deadline=None)
@given(
    costs=st.lists(st.floats(0.0005, 0.1), min_size=5, max_size=5).map(lambda some: sorted(some, reverse=True)),
    share=st.floats(0.1, 1),
    swing=st.lists(st.floats(0.7, 1.3), min_size=3, max_size=40),
)
def test_it_does_not_flap_whatever_the_costs_and_however_they_swing(costs, share, swing):
    machine = Machine(costs=costs, share=share)
    turn = iter(range(10**9))
    machine.run(60, lambda: swing[next(turn) % len(swing)])
    settled = len(changes(machine))
    machine.run(900, lambda: swing[next(turn) % len(swing)])
    # In a quarter of an hour: at most the retries, each of which may go up and come down again.
    assert len(changes(machine)) - settled <= 24


def test_on_battery_less_of_the_processor_is_used_and_both_changes_are_said():
    machine = Machine(start=1)
    assert machine.run(30) == "student-live"
    machine.battery = True
    assert machine.run(30) == "student-live on what changed"
    assert "on battery: 25% of the processor allowed" in machine.said
    machine.battery = False
    assert machine.run(600) == "student-live"
    assert "on mains: 50% of the processor allowed" in machine.said


def test_one_slow_frame_and_one_slow_second_change_nothing():
    machine = Machine(start=1)
    machine.governor.expect(0, COSTS[0], COSTS[0] * CORES)
    machine.run(5)
    machine.costs[1] = 0.03
    machine.run(1)
    machine.costs[1] = COSTS[1]
    machine.run(5)
    assert not [said for said in machine.said if said.startswith("down")]


@pytest.mark.parametrize("load", [0.30, 0.40, 0.45])
def test_looks_at_the_stream_are_no_reason_to_step_down(load):
    machine = Machine((0.060, load * FRAME, load * FRAME / 2, 0.004, 0.0002), start=1, looks=0.15)
    machine.governor.expect(0, 0.060, 0.120)
    assert machine.run(300) == "student-live"
    assert not [said for said in machine.said if said.startswith("down to student-live on")]


@pytest.mark.parametrize("start", range(5))
def test_it_begins_where_it_is_told_to(start):
    assert Machine(start=start).governor.step.name == NAMES[start]
