"""Measures `sharpcli camera` between two pipes: added latency, frames per second, drops, processor time and memory.

python benchmarks/camera.py [--size 1280x720] [--seconds 10] [--rate 30] [--stall 60]

A photograph that moves, with a camera's noise, is written as y4m; the number of each frame is in
its pixels. Latency is from the first byte of a frame written to the last byte of it read, both pipes included. The
processor time is that of the command alone, after it has said its first frame. With --stall the reader sleeps so many
seconds in the middle.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image as PILImage

PHOTO = Path(__file__).parents[1] / "sharpcli" / "web" / "examples" / "portrait.jpg"
BITS = 16
BLOCK = 32


def frames(width: int, height: int, count: int = 30) -> list[bytes]:
    """A little video, 4:2:0, to be repeated."""
    photo = np.array(PILImage.open(PHOTO).convert("L").resize((width, height)), np.float32)
    noise = np.random.default_rng(0)
    chroma = bytes([128]) * (width * height // 2)
    luma = [np.roll(photo, 4 * i, 1) + noise.normal(0, 2, photo.shape) for i in range(count)]
    return [one.clip(16, 235).astype(np.uint8).tobytes() + chroma for one in luma]


def numbered(frame: bytes, number: int, width: int) -> bytearray:
    """The frame with its number in a row of blocks."""
    marked = bytearray(frame)
    row = b"".join(bytes([235 if number >> bit & 1 else 16]) * BLOCK for bit in range(BITS))
    for y in range(BLOCK):
        marked[y * width : y * width + len(row)] = row
    return marked


def number_of(frame: bytes, width: int) -> int:
    """The number in a frame."""
    at = width * BLOCK // 2 + BLOCK // 2
    return sum((frame[at + bit * BLOCK] > 128) << bit for bit in range(BITS))


def used(pid: int) -> float:
    """Processor seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


class Reader(threading.Thread):
    """Reads the results: when each frame came (`came`, by number) and the process's memory then.

    With `stall` it sleeps once, after the frame `pause`.
    """

    def __init__(self, process: subprocess.Popen[bytes], width: int, size: int, pause: int, stall: float) -> None:
        super().__init__()
        assert process.stdout
        self.came: dict[int, float] = {}
        self.memory: list[float] = []
        self.started, self.paused = threading.Event(), -1
        self._file, self._pid, self._width, self._size = process.stdout, process.pid, width, 6 + size
        self._pause, self._stall = pause, stall

    def run(self) -> None:
        """Until the end."""
        while self._exactly(1) not in (b"\n", b""):
            continue
        while len(frame := self._exactly(self._size)) == self._size:
            number = number_of(frame[6:], self._width)
            self.came[number] = time.monotonic()
            self.memory.append(memory(self._pid))
            self.started.set()
            if self._stall and self.paused < 0 and number >= self._pause:
                self.paused = number
                time.sleep(self._stall)

    def _exactly(self, count: int) -> bytes:
        found = bytearray()
        while len(found) < count and (more := self._file.read(count - len(found))):
            found += more
        return bytes(found)


def fed(source: BinaryIO, repeated: list[bytes], width: int, numbers: range, rate: int) -> dict[int, float]:
    """Write frames at their rate; when each was begun, by number."""
    sent: dict[int, float] = {}
    begin = time.monotonic()
    for number in numbers:
        frame = b"FRAME\n" + numbered(repeated[number % len(repeated)], number, width)
        time.sleep(max(0.0, begin + (number - numbers.start) / rate - time.monotonic()))
        sent[number] = time.monotonic()
        view = memoryview(frame)
        while view:
            view = view[source.write(view) :]
    return sent


def milliseconds(sent: dict[int, float], came: dict[int, float], numbers: list[int]) -> list[float]:
    """How long those of the frames took that arrived."""
    return [1000 * (came[one] - sent[one]) for one in numbers if one in came]


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--rate", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--stall", type=float, default=0)
    parser.add_argument("--cpu", default="0.5")
    parser.add_argument("-e", "--enhancer", default="student")
    parser.add_argument("-O", "--option", action="append", default=[], help="of the enhancer, as for sharpcli camera")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    rate: int = given.rate
    command = [sys.executable, "-m", "sharpcli", "camera", "-", "--to", "-", "-e", given.enhancer, "--cpu", given.cpu]
    command += [part for option in given.option for part in ("-O", option)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    source = process.stdin
    assert source
    repeated = frames(width, height)
    reader = Reader(process, width, len(repeated[0]), round(given.seconds * rate / 2), given.stall)
    reader.start()
    source.write(b"YUV4MPEG2 W%d H%d F%d:1 C420jpeg\n" % (width, height, rate))
    fed(source, repeated, width, range(1), rate)
    reader.started.wait()
    begin, cpu = time.monotonic(), used(process.pid)
    sent = fed(source, repeated, width, range(1, round((given.seconds + given.stall) * rate)), rate)
    cores = (used(process.pid) - cpu) / (time.monotonic() - begin)
    source.close()
    reader.join()
    process.wait()
    asleep = range(reader.paused, round(reader.paused + given.stall * rate + 3)) if given.stall else range(0)
    awake = [one for one in sent if one not in asleep]
    times = milliseconds(sent, reader.came, awake)
    half, most = np.quantile(times, [0.5, 0.95])
    early = reader.memory[min(2 * rate, len(reader.memory) - 1)]
    print("\n| size | frames/s | latency p50, p95 (ms) | dropped | cores | MB early, late, most | load |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {given.size} | {len(times) / len(awake) * rate:.1f} | {half:.1f}, {most:.1f} "
        f"| {100 * (1 - len(times) / len(awake)):.1f} % | {cores:.2f} of {os.cpu_count()} "
        f"| {early:.0f}, {reader.memory[-1]:.0f}, {max(reader.memory):.0f} | {os.getloadavg()[0]:.1f} |"
    )
    if given.stall:
        for when, numbers in (("before", range(1, asleep.start)), ("after", range(asleep.stop, max(sent) + 1))):
            print(f"latency p95 {when}: {np.quantile(milliseconds(sent, reader.came, list(numbers)), 0.95):.1f} ms")


main()
