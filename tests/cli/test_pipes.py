"""`enhance - -o -` on clips: what a program at either end of the pipe meets."""

import json
import os
import pty
import signal
import subprocess
import sys
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest

from sharpcli.cli.pipes import STREAMED

ENHANCE = [sys.executable, "-m", "sharpcli", "enhance", "-e", "bicubic"]
HEADER = b"YUV4MPEG2 W64 H48 F25:1 Ip A1:1 C420jpeg XEXTRA=1\n"
SIZE = 64 * 48 * 3 // 2
FRAMES = [b"FRAME\n" + np.random.default_rng(i).integers(16, 236, SIZE, np.uint8).tobytes() for i in range(40)]
Y4M = HEADER + b"".join(FRAMES)


def run(*arguments, **options):
    return subprocess.run([*ENHANCE, *map(str, arguments)], capture_output=True, check=False, timeout=60, **options)


def start(*arguments):
    pipe = subprocess.PIPE
    return subprocess.Popen([*ENHANCE, *map(str, arguments)], stdin=pipe, stdout=pipe, stderr=pipe)


def clip(format, codec="libx264", steps=(0, 1, 2, 5, 6, 9)):
    """Unevenly spaced frames with sound."""
    file = BytesIO()
    file.name = f"clip.{format}"
    with av.open(file, "w", format=format) as output:
        video = output.add_stream(codec, rate=25, width=64, height=48, pix_fmt="yuv420p")
        sound = output.add_stream("pcm_s16le" if format in ("nut", "matroska") else "aac", rate=8000, layout="mono")
        for step in steps:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 20 * step, np.uint8), format="rgb24")
            frame.pts, frame.time_base = step, Fraction(1, 25)
            output.mux(video.encode(frame))
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 4000), np.int16), format="s16", layout="mono")
        silence.sample_rate, silence.pts = 8000, 0
        output.mux(sound.encode(silence))
        output.mux(video.encode(None))
        output.mux(sound.encode(None))
    return file.getvalue()


def packets(data):
    """Of each stream its codec, and time in seconds and bytes of its packets."""
    with av.open(BytesIO(data)) as container:
        found = {one.index: (one.codec_context.name, []) for one in container.streams}
        for packet in container.demux():
            if packet.size:
                found[packet.stream.index][1].append((float(packet.pts * packet.time_base), bytes(packet)))
    return list(found.values())


def shown(data):
    with av.open(BytesIO(data)) as container:
        return [(round(frame.time, 3), frame.to_ndarray().tobytes()) for frame in container.decode(video=0)]


def test_y4m_comes_out_as_y4m_with_its_header():
    done = run("-", "-o", "-", input=Y4M)
    assert (done.returncode, done.stdout) == (0, Y4M)
    assert done.stderr.decode().startswith("done stdin -> standard output: 40 frames of 64x48 in ")
    assert run("-", "--quiet", input=Y4M).stderr == b""


@pytest.mark.parametrize("format", ["y4m", "nut"])
def test_each_frame_leaves_before_the_next_one_comes(format):
    process = start("-", "-o", "-", "--format", format)
    process.stdin.write(HEADER)
    for frame in FRAMES[:3]:
        process.stdin.write(frame)
        process.stdin.flush()
        while frame[6:] not in process.stdout.peek(1 << 20) and (found := process.stdout.read1(1 << 20)):
            if frame[-100:] in found:
                break
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("format", ["nut", "matroska"])
def test_sound_and_uneven_timestamps_come_out_in_nut(format):
    data = clip(format)
    done = run("-", "-o", "-", input=data)
    assert done.returncode == 0, done.stderr
    (video, _), (sound, copied) = packets(done.stdout)
    assert (video, sound, copied) == ("rawvideo", "pcm_s16le", packets(data)[1][1])
    assert shown(done.stdout) == shown(data)


def test_an_mp4_whose_index_comes_last_is_said():
    head = b"\0\0\0\x18ftypisom\0\0\0\0isommp41" + (1 << 20).to_bytes(4, "big") + b"mdat"
    done = run("-", "-o", "-", input=head + bytes(1 << 20))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"an MP4 with its index at the end cannot come through a pipe" in done.stderr


def test_mpeg_ts_is_read_from_a_pipe():
    data = clip("mpegts")
    done = run("-", "-o", "-", input=data)
    assert done.returncode == 0, done.stderr
    assert [pixels for _, pixels in shown(done.stdout)] == [pixels for _, pixels in shown(data)]


def test_a_file_goes_to_standard_output(tmp_path):
    (tmp_path / "clip.mkv").write_bytes(data := clip("matroska"))
    done = run(tmp_path / "clip.mkv", "-o", "-")
    assert done.returncode == 0, done.stderr
    assert (len(packets(done.stdout)), shown(done.stdout)) == (2, shown(data))
    evenly = run(tmp_path / "clip.mkv", "-o", "-", "--format", "y4m")
    assert evenly.stdout.startswith(b"YUV4MPEG2 W64 H48 F")
    assert b"not carried over: audio stream 1" in evenly.stderr


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4", "out.nut", "out.y4m"])
def test_standard_input_goes_to_a_file(tmp_path, name):
    done = run("-", "-o", tmp_path / name, input=Y4M)
    assert done.returncode == 0, done.stderr
    result = (tmp_path / name).read_bytes()
    assert [time for time, _ in shown(result)] == [time for time, _ in shown(Y4M)]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    again = run("-", "-o", tmp_path / name, input=Y4M)
    assert (again.returncode, again.stderr.decode().split(":")[0]) == (0, "skipped")


@pytest.mark.parametrize("arguments", [["-", "-o", "-"], ["-", "-o", "-", "--format", "nut"]])
def test_a_reader_that_has_seen_enough_is_no_failure(arguments):
    process = start(*arguments)
    process.stdin.write(HEADER + FRAMES[0])
    process.stdin.flush()
    assert process.stdout.read(4)
    process.stdout.close()
    with pytest.raises(BrokenPipeError):
        while True:  # until the end of it is seen here too
            process.stdin.write(FRAMES[1])
            process.stdin.flush()
    assert process.wait(30) == 0
    assert process.stderr.read().decode().count("\n") == 1
    process.stderr.close()


def test_a_producer_that_dies_amid_a_frame_is_said_and_what_was_whole_is_there():
    done = run("-", "-o", "-", input=Y4M[:-5])
    assert (done.returncode, done.stdout) == (1, HEADER + b"".join(FRAMES[:-1]))
    assert done.stderr.decode() == "failed: stdin: is cut off in frame 40\n"
    cut = run("-", "-o", "-", input=clip("nut", "rawvideo")[:30_000])
    assert cut.returncode == 1
    assert len(shown(cut.stdout)) >= 2
    assert cut.stderr.decode().startswith("failed: stdin: is damaged, truncated")


def test_nothing_half_done_gets_a_name(tmp_path):
    assert run("-", "-o", tmp_path / "out.mkv", input=Y4M[:-5]).returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_is_quiet_even_while_the_producer_sends_nothing():
    process = start("-", "-o", "-")
    process.stdin.write(HEADER + FRAMES[0])
    process.stdin.flush()
    assert process.stdout.read(len(HEADER + FRAMES[0])) == HEADER + FRAMES[0]
    process.send_signal(signal.SIGINT)
    assert (process.wait(30), process.stderr.read()) == (130, b"")
    for file in (process.stdin, process.stdout, process.stderr):
        file.close()


def test_no_clip_is_written_to_or_awaited_from_a_terminal():
    ours, theirs = pty.openpty()
    to_screen = subprocess.run(
        [*ENHANCE, "-", "-o", "-"], input=Y4M, stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    assert (to_screen.returncode, b"not written to a terminal" in to_screen.stderr) == (2, True)
    typed = subprocess.run([*ENHANCE, "-", "-o", "-"], stdin=theirs, capture_output=True, check=False)
    assert (typed.returncode, b"standard input is a terminal" in typed.stderr) == (2, True)
    os.close(ours)
    os.close(theirs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "-o", "{folder}"], "a clip from standard input goes to one file"),
        (["-", "-o", "out.png"], "a clip is not written to a file as png"),
        (["-", "-o", "-", "--format", "png"], f"use {', '.join(list(STREAMED)[:-1])} or ts"),
        (["-", "{folder}", "-o", "out"], "holds a clip"),
        (["-", "-o", "-", "--executor", "dask://localhost:1"], "need --executor local"),
        (["-", "-o", "-", "--report", "a.html"], "--report lists files"),
    ],
)
def test_what_pipes_cannot_do_is_wrong_usage(tmp_path, arguments, message):
    done = run(*(one.format(folder=tmp_path) for one in arguments), input=Y4M, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, b"")
    assert message in done.stderr.decode()


def test_a_plan_and_json_name_the_streams():
    assert run("-", "-o", "-", "--dry-run", input=Y4M).stderr == b"stdin -> standard output\n"
    row = json.loads(run("-", "-o", "-", "--json", input=Y4M).stderr)
    assert (row["path"], row["status"], row["frames"], row["out_size"]) == ("stdin", "done", 40, [64, 48])
