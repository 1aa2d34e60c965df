import threading

import pytest

from sharpcli.web.tasks.turns import StoppedError, Turns


class Machine:
    """Turns on a clock that only the pieces move, and what was done in which order."""

    def __init__(self):
        self.now, self.done = 0.0, []
        self.turns = Turns(grace=10, clock=lambda: self.now)
        self.held = threading.Event()
        self._begun = threading.Event()

    def piece(self, visitor, seconds=1.0):
        def work():
            self.done.append(visitor)
            self.now += seconds
            return visitor

        return self.turns.do(visitor, work)

    def start(self, visitor, pieces=1, seconds=1.0):
        """One run of that many pieces."""

        def run():
            for _ in range(pieces):
                self.piece(visitor, seconds)
            self.turns.over(visitor)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def hold(self):
        """Keep the processor, so that everybody has asked before it is decided who is next."""

        def work():
            self._begun.set()
            self.held.wait()

        threading.Thread(target=lambda: (self.turns.do("first", work), self.turns.over("first"))).start()
        self._begun.wait()

    def wait_for(self, pieces):
        while sum(map(len, self.turns._waiting.values())) < pieces:
            pass

    def rest(self):
        """Wait until the turns have seen that nobody is there."""
        while self.turns._had:
            pass

    def go(self, *threads):
        self.held.set()
        for thread in threads:
            thread.join()
        return self.done


@pytest.fixture
def machine():
    return Machine()


def test_many_jobs_of_one_visitor_have_the_share_of_one(machine):
    machine.hold()
    many = [machine.start("greedy") for _ in range(30)]
    machine.wait_for(30)
    modest = machine.start("modest", pieces=3)
    machine.wait_for(31)
    done = machine.go(*many, modest)
    last = len(done) - 1 - done[::-1].index("modest")
    assert done[:last].count("greedy") <= 3
    assert done.count("greedy") == 30


def test_an_example_waits_for_no_more_than_the_tile_in_work(machine):
    # Looking at it, trying a corner, the image itself: three pieces, beside tiles that take twenty times as long.
    machine.hold()
    teacher = machine.start("teacher", pieces=20, seconds=2)
    machine.wait_for(1)
    examples = [machine.start(f"example {number}", pieces=3, seconds=0.1) for number in range(8)]
    machine.wait_for(9)
    done = machine.go(teacher, *examples)
    first = min(done.index(f"example {number}") for number in range(8))
    last = max(index for index, visitor in enumerate(done) if visitor.startswith("example"))
    assert done[first:last].count("teacher") == 0
    assert done[:first].count("teacher") <= 1


def test_time_is_shared_and_not_pieces(machine):
    machine.hold()
    slow, quick = machine.start("slow", 10, seconds=3), machine.start("quick", 60, seconds=1)
    machine.wait_for(2)
    done = machine.go(slow, quick)
    half = done[:20]
    assert abs(3 * half.count("slow") - half.count("quick")) <= 3


def test_who_comes_later_is_not_owed_the_time_before(machine):
    machine.hold()
    early = machine.start("early", 10)
    machine.wait_for(1)
    machine.held.set()
    early.join()
    machine.rest()
    machine.held.clear()
    machine._begun.clear()
    machine.hold()
    threads = [machine.start("early", 5), machine.start("late", 5)]
    machine.wait_for(2)
    done = machine.go(*threads)[10:]
    assert abs(done[:4].count("early") - done[:4].count("late")) <= 1


def test_what_is_stopped_while_it_waits_is_never_done(machine):
    machine.hold()
    stopped = threading.Event()
    raised = []

    def waiting():
        try:
            machine.turns.do("gone", lambda: machine.done.append("gone"), stopped.is_set)
        except StoppedError as error:
            raised.append(error)

    thread = threading.Thread(target=waiting)
    thread.start()
    machine.wait_for(1)
    stopped.set()
    thread.join()
    assert raised
    other = machine.start("other")
    assert machine.go(other) == ["other"]


def test_an_error_in_a_piece_is_raised_to_who_asked_and_the_turns_go_on(machine):
    with pytest.raises(ZeroDivisionError):
        machine.turns.do("one", lambda: 1 / 0)
    assert machine.piece("two") == "two"


def test_at_the_end_the_piece_in_work_is_waited_for_and_no_other_is_done(machine):
    machine.hold()
    waiting = threading.Thread(target=lambda: machine.piece("late"), daemon=True)
    waiting.start()
    machine.wait_for(1)
    threading.Timer(0.1, machine.held.set).start()
    machine.turns.close(60)
    assert machine.held.is_set()
    assert machine.done == []
