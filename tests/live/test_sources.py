"""Sources: a file at its own pace, pipes, addresses and cameras, or in one line why not."""

import os
import socket
import threading
from fractions import Fraction

import av
import numpy as np
import pytest

from sharpcli.errors import ImageError, SharpError
from sharpcli.files.feed import Feed
from sharpcli.live import devices, sources
from sharpcli.live.devices import Device
from sharpcli.live.pace import paced
from sharpcli.live.sources import Streamed, Wish, source_called
from tests.helpers.clips import write_clip


class Clock:
    """Time that passes only while somebody waits, but for what the test adds."""

    def __init__(self):
        self.now, self.waited = 100.0, []

    def wait(self, seconds):
        self.waited.append(round(seconds, 6))
        self.now += seconds

    def __call__(self):
        return self.now


def timed(*moments):
    for moment in moments:
        frame = av.VideoFrame(16, 16, "yuv420p")
        frame.pts, frame.time_base = round(moment * 1000), Fraction(1, 1000)
        yield frame


def test_a_file_plays_by_its_timestamps():
    clock = Clock()
    assert len(list(paced(timed(5, 5.1, 5.4), clock.wait, clock=clock))) == 3
    assert clock.waited == [0.1, 0.3]


def test_after_a_pause_frames_come_at_once_until_the_present_is_reached():
    clock = Clock()
    frames = paced(timed(0, 0.1, 0.2, 0.3, 0.4), clock.wait, clock=clock)
    clock.now += 5  # what the first frame was needed for does not count
    assert next(frames).pts == 0
    assert next(frames).pts == 100
    clock.now += 0.25
    assert len(list(frames)) == 3
    assert clock.waited == [0.1, 0.05]


def test_a_pipe_may_run_a_little_faster_than_its_rate():
    clock = Clock()
    list(paced(timed(0, 1.02), clock.wait, 1.02, clock))
    assert clock.waited == [1.0]


def test_a_file_is_a_source(tmp_path):
    source = source_called(str(write_clip(tmp_path / "clip.mp4", frames=4, rate=100)))
    assert [(frame.width, frame.height) for frame in source.frames()] == [(64, 48)] * 4
    assert (source.rate, source.name) == (100, str(tmp_path / "clip.mp4"))


def test_a_file_that_is_no_clip_says_so(tmp_path):
    (tmp_path / "clip.mp4").write_text("no clip")
    with pytest.raises(ImageError, match="not a clip"):
        list(source_called(str(tmp_path / "clip.mp4")).frames())


def test_y4m_comes_through_a_pipe_and_stops_while_nothing_arrives(tmp_path):
    ends = os.pipe()
    reading, writing = os.fdopen(ends[0], "rb", buffering=0), os.fdopen(ends[1], "wb", buffering=0)
    with reading, writing:
        writing.write(b"YUV4MPEG2 W16 H16 F30:1\n" + b"FRAME\n" + bytes(range(128)) * 3)
        source = source_called("-", stdin=Feed(reading))
        frames = source.frames()
        assert next(frames).width == 16
        assert source.rate == 30
        threading.Timer(0.2, source.stop).start()
        assert list(frames) == []


def test_an_address_is_read_and_its_password_is_not_shown():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    over = threading.Event()

    def send():
        with av.open(f"udp://127.0.0.1:{port}?pkt_size=1316", "w", format="mpegts") as output:
            video = output.add_stream("mpeg2video", rate=25, width=64, height=48, pix_fmt="yuv420p", options={"g": "5"})
            while not over.wait(0.02):
                output.mux(video.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        source = source_called(f"udp://user:secret@127.0.0.1:{port}?timeout=5000000")
        assert source.name.startswith(f"udp://127.0.0.1:{port}")
        frames = Streamed(f"udp://127.0.0.1:{port}", "udp").frames()
        assert [next(frames).width for _ in range(5)] == [64] * 5
        frames.close()
    finally:
        over.set()
        sender.join()


def test_a_size_that_changes_on_the_way_is_brought_back(tmp_path):
    with av.open(str(tmp_path / "two.ts"), "w", format="mpegts") as output:
        video = output.add_stream("mpeg2video", rate=25, width=64, height=48, pix_fmt="yuv420p")
        for _ in range(3):
            output.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")))
        output.mux(video.encode(None))
    small = (tmp_path / "two.ts").read_bytes()
    with av.open(str(tmp_path / "more.ts"), "w", format="mpegts") as output:
        video = output.add_stream("mpeg2video", rate=25, width=128, height=96, pix_fmt="yuv420p")
        for _ in range(3):
            output.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((96, 128, 3), np.uint8), format="rgb24")))
        output.mux(video.encode(None))
    (tmp_path / "two.ts").write_bytes(small + (tmp_path / "more.ts").read_bytes())
    frames = list(Streamed(str(tmp_path / "two.ts"), "two").frames())
    assert len(frames) > 3
    assert {(frame.width, frame.height) for frame in frames} == {(64, 48)}


def test_an_address_where_nobody_answers_says_so():
    with pytest.raises(ImageError, match=r"cannot be opened \(Connection refused\)"):
        list(source_called("tcp://127.0.0.1:9").frames())


def test_no_camera_and_unknown_names_are_said_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "cameras", list)
    with pytest.raises(SharpError, match="there is no camera; `sharpcli camera --list`"):
        source_called(None)
    with pytest.raises(SharpError, match=r"no camera, file or address is called missing\.mp4"):
        source_called("missing.mp4")
    with pytest.raises(SharpError, match="is a folder"):
        source_called(str(tmp_path))


def test_a_camera_is_found_by_its_device_number_or_name(monkeypatch):
    found = [Device("/dev/video0", "Integrated Camera"), Device("/dev/video2", "Logitech BRIO")]
    monkeypatch.setattr(sources, "cameras", lambda: found)
    monkeypatch.setattr(sources, "camera_format", lambda: "v4l2")
    for text, label in ((None, "Integrated Camera"), ("2", "Logitech BRIO"), ("brio", "Logitech BRIO")):
        assert source_called(text).name == label
    opened = []

    def busy(*given, **options):
        opened.append((given, options))
        raise OSError(16, "busy")

    monkeypatch.setattr(av, "open", busy)
    with pytest.raises(ImageError, match=r"cannot be opened \(busy\)"):
        list(source_called("/dev/video2", Wish((1280, 720), 30)).frames())
    ((given, options),) = opened
    assert (given, options["format"]) == (("/dev/video2",), "v4l2")
    assert options["options"] == {"video_size": "1280x720", "framerate": "30"}


def test_loopbacks_are_listed_in_the_order_of_their_numbers(tmp_path):
    for number, label in ((10, "later"), (2, "first")):
        (tmp_path / f"video{number}").mkdir()
        (tmp_path / f"video{number}" / "name").write_text(f"{label}\n")
    assert devices.loopbacks(tmp_path) == [Device("/dev/video2", "first"), Device("/dev/video10", "later")]
    assert devices.loopbacks(tmp_path / "missing") == []
