import mmap

import numpy as np
import pytest

from sharpcli.measure.memory import CLEAR, peak_of

MB = 1_000_000
needs_linux = pytest.mark.skipif(not CLEAR.exists(), reason="this system does not tell a peak of memory")


def touched(size):
    """Take so many megabytes from the system, whatever is free in this process already, and give them back."""
    with mmap.mmap(-1, size * MB) as memory:
        for page in range(0, size * MB, mmap.PAGESIZE):
            memory[page] = 1


@needs_linux
@pytest.mark.parametrize("size", [40, 200])
def test_what_a_call_takes_is_reported_though_it_gives_it_back(size):
    assert size * 0.95 <= peak_of(lambda: touched(size)) / MB <= size + 10


@needs_linux
def test_what_was_taken_before_does_not_count():
    np.ones(200 * MB, np.uint8).sum()
    kept = np.ones(100 * MB, np.uint8)
    assert peak_of(kept.sum) / MB < 10


@needs_linux
def test_two_that_follow_each_other_count_once():
    def call():
        for _ in range(3):
            touched(50)

    assert 47 <= peak_of(call) / MB < 70


def test_where_the_system_does_not_tell_the_call_is_made_all_the_same(tmp_path):
    made = []
    assert peak_of(lambda: made.append(1), tmp_path / "nowhere" / "clear_refs") is None
    assert made == [1]
