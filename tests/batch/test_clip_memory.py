"""The memory of a run does not grow with the length of a clip."""

import gc
import subprocess
import sys

import av

from sharpcli.video import segments
from sharpcli.video.coding import coding
from sharpcli.video.enhance import enhance_clip
from sharpcli_bicubic import Bicubic
from tests.helpers.clips import write_clip

FRAMES, EARLY = 2400, 600
MOST = 12
"""Megabytes. To keep every frame would take 14 KB each of this size, 25 MB from the early one to the last."""

SCRIPT = """
import resource, sys
from pathlib import Path
from sharpcli.batch.job import do, sharpening
from sharpcli.batch.clips import ClipJob, Watch
from sharpcli.batch.plan import Item
from sharpcli.pipeline.spec import create_enhancer
from dataclasses import replace

def tell(progress):
    if progress.frames in (int(sys.argv[3]), int(sys.argv[4])):
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

job, _ = sharpening(create_enhancer("bicubic", {}))
outcome = do(Item(Path(sys.argv[1]), Path(sys.argv[2])), replace(job, clips=ClipJob()), Watch(tell))
assert outcome.status == "done", outcome.reason
"""


def repeated(source, target, times):
    """The clip so many times after itself, its packets copied."""
    with av.open(str(source)) as clip, av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(clip.streams.video[0])
        packets = [packet for packet in clip.demux(video=0) if packet.size]
        length = sum(packet.duration for packet in packets)
        for number in range(times):
            clip.seek(0)
            for packet in (packet for packet in clip.demux(video=0) if packet.size):
                packet.pts, packet.dts = packet.pts + number * length, packet.dts + number * length
                packet.stream = stream
                output.mux(packet)
    return target


def test_memory_does_not_grow_with_the_length_of_a_clip(tmp_path):
    clip = repeated(write_clip(tmp_path / "short.mp4", 120, (128, 72)), tmp_path / "long.mp4", FRAMES // 120)
    command = [sys.executable, "-c", SCRIPT, clip, tmp_path / "out.mkv", str(EARLY), str(FRAMES)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    early, late = (int(line) / 1024 for line in done.stdout.split())
    assert late - early < MOST


def frames():
    """How many frames there are now."""
    return sum(type(one) is av.VideoFrame for one in gc.get_objects())


def frames_kept(source, target, number):
    """How many there are with a clip's last frame and after the clip, if Python does not look for cycles meanwhile."""
    gc.collect()
    gc.disable()
    try:
        told, counts = [], []

        def tell(seconds):
            told.append(seconds)
            if len(told) == number:
                counts.append(frames())

        enhance_clip(source, target, Bicubic(), coding("h264"), progress=tell)
        return *counts, frames()
    finally:
        gc.enable()


def test_no_frame_is_left_of_segments_nor_of_the_clip(tmp_path, monkeypatch):
    monkeypatch.setattr(segments, "SECONDS", 0.2)
    short = write_clip(tmp_path / "short.mp4", 30, (128, 72))
    few, none = frames_kept(short, tmp_path / "few.mkv", 30)
    more, nothing = frames_kept(repeated(short, tmp_path / "long.mp4", 5), tmp_path / "more.mkv", 150)
    assert none == nothing == 0
    assert more <= few + 12  # that the queues hold more or fewer
