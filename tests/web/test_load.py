"""Two hundred requests from eight programs: each gets its own answer, and the page is as it was before."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image as PILImage

from sharpcli.web.visitors.files import PREFIX
from tests.web.conftest import demo, eventually

CLIENTS = 8
SLACK = 12_500_000
"""Bytes: fifty answers that each left no more behind than one image, 361 kB, would take more."""

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not tell such numbers"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def images(photo, tmp_path_factory):
    """Two hundred images, no two alike."""
    folder = tmp_path_factory.mktemp("images")
    places = [(row, column) for row in range(10) for column in range(20)]
    for row, column in places:
        PILImage.fromarray(photo[row : row + 280, column : column + 430]).save(folder / f"{row}-{column}.png")
    return sorted(folder.iterdir())


def work(address, images, folder):
    """What one program after the other gets for each of its images."""

    def program(number):
        client = Client(address, verbose=False, download_files=str(folder))
        try:
            own = images[number::CLIENTS]
            return {path: client.predict(handle_file(path), api_name="/enhance")[0] for path in own}
        finally:
            client.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [one for part in pool.map(program, range(CLIENTS)) for one in part.items()]
    return {path: Path(answer).read_bytes() for path, answer in answers}


def state(process):
    """Bytes in memory, threads and open files of the page."""
    proc = Path(f"/proc/{process.pid}")
    memory = int((proc / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return memory, len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir()))


def left(root):
    """What of the visitors' files there is."""
    return {entry.name for entry in root.iterdir()} - {"kept", "vibe_edit_history"}


def test_two_hundred_requests_of_eight_programs(images, sharpcli, tmp_path):
    (tmp_path / "temporary").mkdir()
    with demo(environment={"TMPDIR": str(tmp_path / "temporary")}) as (address, process):
        (root,) = (tmp_path / "temporary").glob(f"{PREFIX}*")
        answers = work(address, images[:100], tmp_path / "downloads")
        assert eventually(lambda: not left(root))
        before, memory = state(process), [state(process)[0]]
        for some in (images[100:150], images[150:]):
            answers |= work(address, some, tmp_path / "downloads")
            memory.append(state(process)[0])
        assert eventually(lambda: not left(root))
        # As many threads are kept as requests met; one more for each request would be a hundred.
        assert state(process)[1] <= before[1] + CLIENTS
        assert eventually(lambda: state(process)[2] <= before[2])  # connections close a little after the last answer
        # What leaks grows each time; what an allocator takes once and keeps does not.
        assert min(np.diff(memory)) < SLACK
    assert sharpcli("enhance", images[0].parent, "-o", tmp_path / "out").exit_code == 0
    assert sorted(answers) == images
    for path, answer in answers.items():
        assert answer == (tmp_path / "out" / path.name).read_bytes()
