"""How long the page takes to answer, as a ratio to Python that imports Gradio and ends, measured in alternation."""

import os
import signal
import statistics
import subprocess
import sys
import time

ROUNDS = 5
ENVIRONMENT = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}


def imported() -> float:
    """Seconds of a bare import."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import gradio"], env=ENVIRONMENT, check=True)
    return time.perf_counter() - began


def served() -> float:
    """Seconds until the page says where it is, which it does once it answers."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "sharpcli", "demo", "--no-browser"]
    page = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    assert page.stdout is not None
    assert "http://" in page.stdout.readline()
    taken = time.perf_counter() - began
    page.send_signal(signal.SIGINT)
    page.wait()
    return taken


imported(), served()  # into the disk's cache
pairs = [(imported(), served()) for _ in range(ROUNDS)]
bare, page = (statistics.median(column) for column in zip(*pairs, strict=True))
ratio = statistics.median(second / first for first, second in pairs)
print(f"import gradio {bare:.2f} s, page answers after {page:.2f} s: {ratio:.2f} x")
