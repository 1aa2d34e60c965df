"""How long every installed enhancer takes for a 1920x1080 picture in memory, measured in alternation."""

from sharpcli.registry import load_registry
from sharpcli_training.rows import rows_of
from sharpcli_training.timing import time_rows

seconds = time_rows(rows_of(sorted(load_registry().found)), "photo", rounds=5)
base = next(taken for row, taken in seconds.items() if row.name == "student-live")
for row, taken in seconds.items():
    print(f"{row.label:18} {1000 * taken:7.0f} ms  {taken / base:6.2f} x student-live")
