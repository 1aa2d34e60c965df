import os
import subprocess
import sys

import numpy as np
import pytest

from sharpcli.errors import ImageError
from sharpcli.image.scratch import IN_MEMORY, scratch_space, swept


def test_an_array_on_disk_holds_what_was_put_in_and_leaves_nothing_behind(tmp_path):
    with scratch_space(1000, tmp_path) as scratch:
        array = scratch.empty((300, 400, 3), np.uint16)
        wanted = np.random.default_rng(0).integers(0, 65536, array.shape, np.uint16)
        array[:] = wanted
        for _ in range(3):
            scratch.sweep()
            np.testing.assert_array_equal(array, wanted)
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_small_arrays_stay_in_memory(tmp_path):
    with scratch_space(1000, tmp_path) as scratch:
        assert scratch.empty((10, 10), np.uint8).flags.owndata
    assert IN_MEMORY.empty((1000, 1000), np.uint8).flags.owndata


def test_zeros_are_zero_in_memory_and_on_disk(tmp_path):
    with scratch_space(1000, tmp_path) as scratch:
        for shape in ((10, 10), (300, 400)):
            array = scratch.zeros(shape, np.uint16)
            assert array.shape == shape
            assert not array.any()
            array[:] = 9
            assert (array == 9).all()


def test_pages_can_be_dropped_by_whoever_has_any_part_of_an_array(tmp_path):
    with scratch_space(1000, tmp_path) as scratch:
        array = scratch.empty((300, 400, 3), np.uint8)
        array[:] = 7
        swept(array[::2, ::-1, 1:])
        assert (array == 7).all()
    swept(np.zeros((3, 3)))


def test_a_full_disk_is_an_error_and_no_crash(tmp_path):
    with scratch_space(1000, tmp_path) as scratch, pytest.raises(ImageError, match="while it is processed"):
        scratch.empty((1 << 50,), np.uint8)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="pages are dropped on Linux")
def test_an_array_of_half_a_gigabyte_takes_a_fraction_of_it(tmp_path):
    program = """
import resource, sys
from pathlib import Path
import numpy as np
from sharpcli.errors import ImageError
from sharpcli.image.scratch import scratch_space
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with scratch_space(1000, Path(sys.argv[1])) as scratch:
    array = scratch.empty((500, 1000, 1000), np.uint8)
    for index in range(500):
        array[index] = np.random.default_rng(index).integers(0, 256, (1000, 1000), np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200_000
