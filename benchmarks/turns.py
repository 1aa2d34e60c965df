"""How much longer eight visitors wait while a ninth has long runs, as a ratio to without it, in alternation."""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from gradio_client import Client, handle_file
from PIL import Image

ROUNDS = 3
VISITORS, JOBS = 8, 30
SIDE = 2000
"""Of the hostile visitor's images, in pixels."""
SMALL = Path(__file__).parents[1] / "sharpcli" / "web" / "examples" / "portrait-soft.jpg"
ENVIRONMENT = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}


@contextmanager
def page() -> Iterator[str]:
    """The address of a page."""
    command = [sys.executable, "-m", "sharpcli", "demo", "--no-browser"]
    process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield next(word for word in process.stdout.readline().split() if word.startswith("http://"))
    finally:
        process.terminate()
        process.wait()


def visitor(address: str, number: int) -> Client:
    """A program on a machine of its own, as a proxy on this machine would say."""
    return Client(address, verbose=False, ssl_verify=False, headers={"x-forwarded-for": f"10.0.0.{number}"})


def waited(programs: list[Client]) -> list[float]:
    """The seconds that each of them waits for a small image, all at the same time."""

    def one(program: Client) -> float:
        began = time.perf_counter()
        program.predict(handle_file(SMALL), api_name="/enhance")
        return time.perf_counter() - began

    with ThreadPoolExecutor(len(programs)) as pool:
        return list(pool.map(one, programs))


def attack(address: str, image: Path) -> Client:
    """A visitor who asks for many long runs at once; closing it ends them."""
    program = visitor(address, 99)
    for _ in range(JOBS):
        threading.Thread(target=ask, args=(program, image), daemon=True).start()
    time.sleep(3)  # until the first is at work
    return program


def ask(program: Client, image: Path) -> None:
    """One long run; most are refused."""
    with suppress(Exception):
        program.predict(handle_file(image), enhancer="teacher", options={"profile": "photo"}, api_name="/enhance")


with page() as address, tempfile.TemporaryDirectory() as folder:
    large = Path(folder) / "large.png"
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    Image.fromarray(noise).save(large)
    honest = [visitor(address, number) for number in range(VISITORS)]
    waited(honest)
    usual, attacked = [], []
    for _ in range(ROUNDS):
        usual += waited(honest)
        hostile = attack(address, large)
        attacked += waited(honest)
        hostile.close()
        time.sleep(5)  # its tile ends
    for name, times in (("usual", usual), ("beside long runs", attacked)):
        print(f"{name}: median {statistics.median(times):.2f} s, longest {max(times):.2f} s")
    middle, longest = (take(attacked) / take(usual) for take in (statistics.median, max))
    print(f"median {middle:.2f} x, longest {longest:.2f} x")
