"""Damaged clips give a clip or one line: never a traceback, a crash, a hang, or a part of a result."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("av", reason="clips need the extra video")

FIRST = int(os.environ.get("SHARPCLI_FUZZ_SEED", "1"))
COUNT = int(os.environ.get("SHARPCLI_FUZZ_CLIPS", "60"))


@pytest.mark.timeout(60 + 3 * COUNT)
def test_mutated_clips_give_a_clip_or_one_line(tmp_path):
    """`mutated(NUMBER)` of tests/fuzz/clips.py makes the clip of a line that failed again."""
    print(f"mutations {FIRST} to {FIRST + COUNT}")  # noqa: T201
    lines, complaints, first = [], [], FIRST
    while first < FIRST + COUNT:
        command = [sys.executable, "-m", "tests.fuzz.clips", str(first), str(FIRST + COUNT), str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
        lines += done.stdout.splitlines()
        if done.returncode == 0:
            break
        assert done.stdout, done.stderr
        complaints.append(f"{lines[-1]} ended the process ({done.returncode}): {done.stderr[-2000:]}")
        first = int(lines[-1].split()[0]) + 1
    failures = [line for line in lines if " FAILED " in line] + complaints
    assert not failures, "\n".join(failures)
    assert len(lines) == COUNT
    # Else the mutations would be too gentle or too rough to show anything.
    came = Counter(line.split(maxsplit=2)[2].split(":")[0] for line in lines)
    assert came["refused"] > 0.2 * COUNT
    assert came["done"] + came["noted"] > 0.1 * COUNT
