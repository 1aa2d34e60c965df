"""Sixty-four requests from eight programs: each gets its own answer, and the page is as it was before."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from gradio_client import handle_file
from PIL import Image as PILImage

from sharpcli.web.visitors.files import PREFIX
from tests.web.conftest import client, demo, eventually, with_plugin

PROBE = Path(__file__).parents[1] / "helpers" / "memory_in_use.py"
CLIENTS = 8
HEIGHT, WIDTH = 140, 215
ROUND = 16
"""Requests of a round. The first two are the start: there, every thread and every library takes what it keeps."""
SLACK = ROUND * HEIGHT * WIDTH * 3 // 2
"""Bytes: half of what is left behind where each answer of a round leaves one image."""

pytestmark = [
    pytest.mark.skipif(
        not Path("/proc/self/task").exists() or not hasattr(ctypes.CDLL(None), "mallinfo2"),
        reason="the system does not tell such numbers",
    ),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def images(photo, tmp_path_factory):
    """As many images, no two alike."""
    folder = tmp_path_factory.mktemp("images")
    places = [(row, column) for row in range(4) for column in range(ROUND)]
    for row, column in places:
        part = photo[row : row + HEIGHT, column : column + WIDTH]
        PILImage.fromarray(part).save(folder / f"{row}-{column:02}.png")
    return sorted(folder.iterdir())


def work(programs, images):
    """What these programs, all at once and each one image after the other, get for the images."""

    def program(number):
        own = images[number::CLIENTS]
        return {path: programs[number].predict(handle_file(path), api_name="/enhance")[0] for path in own}

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [one for part in pool.map(program, range(CLIENTS)) for one in part.items()]
    return {path: Path(answer).read_bytes() for path, answer in answers}


def state(process):
    """Threads and open files of the page."""
    proc = Path(f"/proc/{process.pid}")
    return len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir()))


def left(root):
    """What of the visitors' files there is."""
    return {entry.name for entry in root.iterdir()} - {"kept", "vibe_edit_history"}


def test_requests_of_eight_programs_at_once(images, sharpcli, tmp_path):
    (tmp_path / "temporary").mkdir()
    told = tmp_path / "in-use"
    settings = {
        **with_plugin(PROBE, tmp_path / "site"),
        "TMPDIR": str(tmp_path / "temporary"),
        "SHARPCLI_TEST_IN_USE": str(told),
    }
    answers, memory, states = {}, [], []
    with demo(environment=settings) as (address, process):
        (root,) = (tmp_path / "temporary").glob(f"{PREFIX}*")
        connected = partial(client, address, download_files=str(tmp_path / "downloads"))
        for first in range(0, len(images), ROUND):
            with ExitStack() as programs:
                clients = [connected() for _ in range(CLIENTS)]
                for program in clients:
                    programs.callback(program.close)
                answers |= work(clients, images[first : first + ROUND])
                clients[0].predict(handle_file(images[0]), enhancer="in-use", api_name="/enhance")
            memory.append(int(told.read_text()))
            states.append(state(process))
        assert eventually(lambda: not left(root))
        # As many threads are kept as requests met; one more for each request would be as many as a round has.
        assert states[-1][0] <= states[1][0] + CLIENTS
        assert eventually(lambda: state(process)[1] <= states[1][1])  # connections close a little after the last answer
        # What leaks grows each time; what is taken once and kept does not.
        print(f"bytes in use after each round: {memory}")  # noqa: T201
        assert min(np.diff(memory[1:])) < SLACK
    assert sharpcli("enhance", images[0].parent, "-o", tmp_path / "out").exit_code == 0
    assert sorted(answers) == images
    for path, answer in answers.items():
        assert answer == (tmp_path / "out" / path.name).read_bytes()
