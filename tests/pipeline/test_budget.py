import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import ImageError, SharpError
from sharpcli.image.scratch import IN_MEMORY
from sharpcli.pipeline.budget import LEAST, Ceiling, Need, ceiling, parse_size
from sharpcli.plugin.enhancer import Enhancer

MB = 1_000_000


class Hungry(Enhancer):
    name = "hungry"
    summary = "needs much memory"
    receptive_radius = 5
    max_tile = 4096
    bytes_per_pixel = 700

    def enhance(self, pixels):
        return pixels


@pytest.mark.parametrize(
    ("text", "size"),
    [("1GB", 10**9), ("500MB", 500 * MB), ("1.5 gb", 1_500 * MB), ("2GiB", 2 << 30), ("300m", 300 * MB)],
)
def test_sizes_are_read_as_people_write_them(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1GB", "1TB", "1 apple", "GB", "10MB", "199MB"])
def test_other_texts_are_refused_in_words(text):
    with pytest.raises(SharpError, match="memory"):
        parse_size(text)


@given(
    total=st.integers(LEAST, 10**10),
    workers=st.integers(1, 32),
    height=st.integers(1, 40_000),
    width=st.integers(1, 40_000),
    converted=st.booleans(),
)
def test_tiles_of_all_workers_together_stay_within_their_share(total, workers, height, width, converted):
    side = Ceiling(total, workers).tile(Hungry(), height, width, converted)
    seen = min(side, height) * min(side, width)
    assert 64 <= side <= Hungry.max_tile
    assert side == 64 or seen * Hungry.bytes_per_pixel * workers <= total * 0.35


@pytest.mark.parametrize(
    ("pixels", "coders", "on_disk", "tight"),
    [(12, 8, False, False), (1200, 500, True, False), (1200, 800, True, True)],
)
def test_a_huge_image_lies_on_disk_and_has_all_to_itself_if_it_must(tmp_path, pixels, coders, on_disk, tight):
    with Ceiling(1000 * MB, 2).room(Need(pixels * MB, coders * MB), tmp_path) as room:
        assert (room.scratch is not IN_MEMORY, room.tight) == (on_disk, tight)


def test_the_disk_has_room_for_a_huge_image_where_its_folder_is_not_there_yet(tmp_path):
    folder = tmp_path / "new" / "folder"
    with Ceiling(1000 * MB, 2).room(Need(1200 * MB, 500 * MB), folder) as room:
        assert room.scratch.empty((5000, 1000), "uint8").shape == (5000, 1000)
    assert list(folder.iterdir()) == []


def test_an_image_that_can_never_fit_is_refused_with_what_would_do(tmp_path):
    need = Need(pixels=3000 * MB, coders=2000 * MB)
    refused = pytest.raises(ImageError, match=r"use --memory (\d+\.\d)GB")
    with refused as caught, Ceiling(1000 * MB, 2).room(need, tmp_path):
        pass
    wanted = parse_size(str(caught.value).split("--memory ")[1].split()[0])
    with Ceiling(wanted, 2).room(need, tmp_path):
        pass


def test_threads_that_begin_together_share_one_ceiling():
    """Each would else have all of the memory for itself."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for attempt in range(50):
            start, found = threading.Barrier(8), []

            def ask(total=LEAST + attempt, start=start, found=found):
                start.wait()
                found.append(ceiling(total, 2))

            threads = [threading.Thread(target=ask) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len({id(one) for one in found}) == 1
    finally:
        sys.setswitchinterval(interval)


def test_images_in_flight_never_hold_more_than_there_is(tmp_path):
    space = Ceiling(1000 * MB, 8)
    held, most, lock = 0, 0, threading.Lock()

    def work(size):
        nonlocal held, most
        with space.room(Need(pixels=size, coders=0), tmp_path):
            with lock:
                held += size
                most = max(most, held)
            time.sleep(0.002)
            with lock:
                held -= size

    sizes = [(index * 37 % 55 + 1) * 10 * MB for index in range(60)]
    threads = [threading.Thread(target=work, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(sizes) <= most <= 550 * MB
