"""How long sharpcli takes to answer a question, as a ratio to Python with click alone, measured in alternation."""

import statistics
import subprocess
import sys
import time

ROUNDS = 20
COMMANDS = {
    "python with click": ["-c", "import click"],
    "sharpcli --help": ["-m", "sharpcli", "--help"],
    "sharpcli enhancers": ["-m", "sharpcli", "enhancers"],
}

seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
for _ in range(ROUNDS):
    for name, arguments in COMMANDS.items():
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        seconds[name].append(time.perf_counter() - began)
base = statistics.median(seconds["python with click"])
for name, measured in seconds.items():
    median = statistics.median(measured)
    print(f"{name:20} {1000 * median:6.0f} ms  {median / base:.2f} x")
