"""Measures `sharpcli camera` between two pipes: added latency, frames per second, drops, processor time and memory.

python benchmarks/camera.py [--size 1280x720] [--seconds 10] [--stall 60] [-e student]

A photograph that moves, with a camera's noise, is written as y4m at 30 frames a second; the number of each frame is in
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

import numpy as np
from skimage import data, transform

BITS = 16
BLOCK = 32
RATE = 30


def frames(width: int, height: int) -> list[bytes]:
    """A second of video, 4:2:0."""
    photo = transform.resize(data.chelsea(), (height, width, 3), preserve_range=True).mean(axis=2)
    noise = np.random.default_rng(0)
    chroma = bytes([128]) * (width * height // 2)
    luma = [np.roll(photo, 4 * i, 1) + noise.normal(0, 2, photo.shape) for i in range(RATE)]
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


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--stall", type=float, default=0)
    parser.add_argument("--cpu", default="0.5")
    parser.add_argument("-e", "--enhancer", default="student")
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    command = [sys.executable, "-m", "sharpcli", "camera", "-", "--to", "-"]
    command += ["-e", arguments.enhancer, "--cpu", arguments.cpu]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    source, sink = process.stdin, process.stdout
    assert source
    assert sink
    second = frames(width, height)
    sent: dict[int, float] = {}
    came: dict[int, float] = {}
    size = len(second[0])
    total = round((arguments.seconds + arguments.stall) * RATE)
    stalled: list[int] = []
    started = threading.Event()
    sizes: list[float] = []

    def exactly(count: int) -> bytes:
        found = bytearray()
        while len(found) < count and (more := sink.read(count - len(found))):
            found += more
        return bytes(found)

    def read() -> None:
        while exactly(1) not in (b"\n", b""):
            continue
        while len(frame := exactly(6 + size)) == 6 + size:
            number = number_of(frame[6:], width)
            came[number] = time.monotonic()
            started.set()
            sizes.append(memory(process.pid))
            if arguments.stall and not stalled and number > arguments.seconds * RATE / 2:
                stalled.append(number)
                time.sleep(arguments.stall)
                stalled.append(len(sizes))

    reader = threading.Thread(target=read)
    reader.start()
    source.write(b"YUV4MPEG2 W%d H%d F%d:1 C420jpeg\n" % (width, height, RATE))
    source.write(b"FRAME\n" + numbered(second[0], 0, width))
    started.wait()
    begin, cpu = time.monotonic(), used(process.pid)
    for number in range(1, total + 1):
        frame = b"FRAME\n" + numbered(second[number % RATE], number, width)
        time.sleep(max(0.0, begin + number / RATE - time.monotonic()))
        sent[number] = time.monotonic()
        view = memoryview(frame)
        while view:
            view = view[source.write(view) :]
    elapsed, cpu = time.monotonic() - begin, used(process.pid) - cpu
    source.close()
    reader.join()
    process.wait()
    awake = [n for n in sent if not stalled or n < stalled[0] or n > stalled[0] + arguments.stall * RATE + 2]
    times = [1000 * (came[n] - sent[n]) for n in awake if n in came]
    half, most = np.quantile(times, [0.5, 0.95])
    print("\n| size | frames/s | latency p50, p95 (ms) | dropped | cores | MB early, late, most |")
    print("|---|---|---|---|---|---|")
    early = sizes[min(len(sizes) - 1, RATE * 2)]
    print(
        f"| {arguments.size} | {len(times) / (len(awake) / RATE):.1f} | {half:.1f}, {most:.1f} "
        f"| {100 * (1 - len(times) / len(awake)):.1f} % | {cpu / elapsed:.2f} of {os.cpu_count()} "
        f"| {early:.0f}, {sizes[-1]:.0f}, {max(sizes):.0f} |"
    )
    if stalled:
        before = [1000 * (came[n] - sent[n]) for n in awake if n in came and n < stalled[0]]
        after = [1000 * (came[n] - sent[n]) for n in awake if n in came and n > stalled[0]]
        print(
            f"\nlatency p95 before the stall {np.quantile(before, 0.95):.1f} ms, after {np.quantile(after, 0.95):.1f} ms"
        )


main()
