"""The order in which jobs take turns, and which of their times count; by a clock that only the jobs move."""

import math
from functools import partial

import pytest

from sharpcli.measure.timing import FEW, alternated


class Clock:
    """Stands still but for what jobs say they take; keeps which job ran when."""

    def __init__(self):
        self.now, self.busy, self.calls = 0.0, 0.0, []

    def job(self, name, *seconds):
        """A job that takes these seconds, one after the other, the last for ever; on two cores."""
        for_ever = iter([*seconds, *[seconds[-1]] * 1000])

        def run():
            taken = next(for_ever)
            self.now += taken
            self.busy += 2 * taken
            self.calls.append(name)

        return run


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("sharpcli.measure.timing.time.perf_counter", lambda: made.now)
    monkeypatch.setattr("sharpcli.measure.timing.time.process_time", lambda: made.busy)
    return made


def seconds(laps):
    return {name: [round(lap.seconds, 9) for lap in taken] for name, taken in laps.items()}


def test_jobs_take_turns_and_the_warm_ones_do_not_count(clock):
    jobs = {"a": clock.job("a", 0.9, 0.5, 0.1, 0.2, 0.3), "b": clock.job("b", 0.8, 0.7, 0.01, 0.02, 0.03)}
    laps = alternated(jobs, rounds=3, warm=2)
    assert "".join(clock.calls) == "ab" * 5
    assert seconds(laps) == {"a": [0.1, 0.2, 0.3], "b": [0.01, 0.02, 0.03]}
    assert [round(lap.processor, 9) for lap in laps["a"]] == [0.2, 0.4, 0.6]


def test_a_led_job_follows_its_like_and_only_the_last_counts(clock):
    jobs = {"a": clock.job("a", 0.9, 0.8, 0.5, 0.6, 0.7, 0.2), "b": clock.job("b", 0.4)}
    laps = alternated(jobs, rounds=2, warm=0, led=2)
    assert "".join(clock.calls) == "aaabbb" * 2
    assert seconds(laps)["a"] == [0.5, 0.2]


@pytest.mark.parametrize("led", [0, 1, 2])
@pytest.mark.parametrize("warm", [0, 1, 2])
def test_a_slow_job_has_the_first_rounds_only(clock, warm, led):
    jobs = {"slow": clock.job("slow", 1.5), "quick": clock.job("quick", 0.1)}
    laps = alternated(jobs, rounds=6, warm=warm, led=led)
    assert seconds(laps) == {"slow": [1.5] * FEW, "quick": [0.1] * 6}
    # Led until it is known, and not any more where nothing comes of it.
    assert clock.calls.count("slow") == led + warm + FEW
    assert clock.calls.count("quick") == (warm + 6) * (1 + led)


def test_what_is_slow_at_first_only_has_all_rounds(clock):
    laps = alternated({"loads": clock.job("loads", 30, 0.1, 0.1, 2, 0.1)}, rounds=5, warm=2)
    assert seconds(laps)["loads"] == [0.1, 2, 0.1, 0.1, 0.1]


def test_slow_jobs_have_all_rounds_where_that_is_asked(clock):
    laps = alternated({"slow": clock.job("slow", 5)}, rounds=4, warm=0, slow=math.inf)
    assert seconds(laps)["slow"] == [5] * 4
    assert len(clock.calls) == 4


def test_no_rounds_run_nothing(clock):
    assert alternated({"a": clock.job("a", 1)}, rounds=0) == {"a": []}
    assert clock.calls == []


def test_the_turns_are_handed_out_to_be_shown(clock):
    seen = []

    def track(turns):
        for turn in turns:
            seen.append((turn, len(turns), len(clock.calls)))
            yield turn

    alternated({"a": clock.job("a", 0.1), "b": clock.job("b", 0.1)}, rounds=2, warm=1, track=track)
    assert seen == [(0, 3, 0), (1, 3, 2), (2, 3, 4)]


def test_what_a_job_raises_is_raised(clock):
    with pytest.raises(ZeroDivisionError):
        alternated({"a": partial(divmod, 1, 0)}, rounds=1)
