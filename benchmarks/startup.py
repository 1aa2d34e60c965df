"""How long sharpcli takes to answer a question, as a ratio to Python with click alone, measured in alternation."""

from sharpcli_training.evaluation.timing import time_startup

seconds = time_startup(rounds=20)
base = next(iter(seconds.values()))
for name, taken in seconds.items():
    print(f"{name:20} {1000 * taken:6.0f} ms  {taken / base:.2f} x")
