"""Sinks: what becomes of frames in a pipe, a file, a virtual camera and a page."""

import os
import sys
import time
import urllib.error
import urllib.request
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
import simplejpeg

from sharpcli.errors import SharpError
from sharpcli.live.sinks import virtual
from sharpcli.live.sinks.choose import writer_called
from sharpcli.live.sinks.preview import Preview, jpeg
from sharpcli.live.sinks.recording import Recording
from sharpcli.live.sinks.sink import Sink
from sharpcli.live.sinks.virtual import Loopback, virtual_camera

SIZE = 320 * 240 * 3 // 2


def frame(number, width=320, height=240):
    made = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), number % 256, np.uint8), format="yuv420p")
    made.pts, made.time_base = number * 40, Fraction(1, 1000)
    return made


def rate():
    return Fraction(25)


def sink_called(text):
    return Sink(writer_called(str(text), rate, BytesIO))


def first_bytes(file, frames):
    """The first byte of each of so many frames of a y4m stream, behind its header where that comes first."""
    for _ in range(frames):
        line = file.readline()
        if line.startswith(b"YUV4MPEG2"):
            assert line == b"YUV4MPEG2 W320 H240 F25:1 Ip A1:1 C420jpeg\n"
            line = file.readline()
        assert line == b"FRAME\n"
        yield file.read(SIZE)[0]


def until(condition):
    while not condition():
        time.sleep(0.001)


def test_a_fifo_whose_reader_stops_costs_no_queue_and_no_latency(tmp_path):
    os.mkfifo(tmp_path / "out")
    sink = sink_called(tmp_path / "out")
    sink.write(frame(0))
    with (tmp_path / "out").open("rb") as reader:
        assert list(first_bytes(reader, 1)) == [0]
        sink.write(frame(1))  # this one is begun, and stands in the pipe
        until(lambda: sink._slot._item is None)
        for number in range(2, 250):
            sink.write(frame(number))
        assert sink.dropped == 247
        assert list(first_bytes(reader, 2)) == [1, 249]
        sink.write(frame(250))
        assert list(first_bytes(reader, 1)) == [250]
        sink.close()
        assert reader.read() == b""


def test_a_reader_that_has_left_ends_it_and_one_that_sleeps_does_not_hold_up_the_end(tmp_path):
    os.mkfifo(tmp_path / "out")
    sink = sink_called(tmp_path / "out")
    sink.write(frame(0))
    with (tmp_path / "out").open("rb") as reader:
        list(first_bytes(reader, 1))
    until(lambda: not sink.write(frame(1)))
    sink.close()
    asleep = sink_called(tmp_path / "out")
    asleep.write(frame(0))
    with (tmp_path / "out").open("rb"):
        asleep.close()  # passes if it ends


@pytest.mark.parametrize("name", ["out.mkv", "out.mp4", "out.webm", "out.ts"])
def test_a_recording_keeps_the_moments_of_the_frames(tmp_path, name):
    sink = sink_called(tmp_path / name)
    for number in (7, 8, 11, 12):
        until(lambda: sink._slot._item is None)
        sink.write(frame(number))
    sink.close()
    with av.open(str(tmp_path / name)) as container:
        times = [round(one.time, 2) for one in container.decode(video=0)]
    assert [round(one - times[0], 2) for one in times] == [0, 0.04, 0.16, 0.2]


def test_a_recording_goes_on_where_a_source_counts_anew(tmp_path):
    sink = sink_called(tmp_path / "out.mkv")
    for number in (5, 6, 0, 1):
        until(lambda: sink._slot._item is None)
        sink.write(frame(number))
    sink.close()
    with av.open(str(tmp_path / "out.mkv")) as container:
        assert len(list(container.decode(video=0))) == 4


def test_a_file_that_is_there_is_not_touched_and_an_empty_recording_is_not_left(tmp_path):
    (tmp_path / "old.mkv").write_bytes(b"mine")
    with pytest.raises(SharpError, match=r"old\.mkv exists"):
        Recording(tmp_path / "old.mkv", rate)
    assert (tmp_path / "old.mkv").read_bytes() == b"mine"
    with pytest.raises(SharpError, match="is not written as"):
        Recording(tmp_path / "out.jpg", rate)
    sink_called(tmp_path / "none.mkv").close()
    assert [one.name for one in tmp_path.iterdir()] == ["old.mkv"]


def test_a_loopback_device_is_shown_420_of_the_frames(tmp_path):
    writer = Loopback(str(tmp_path / "device"), rate, format="rawvideo")
    for number in (3, 4):
        writer.write(frame(number).reformat(format="yuv422p"))
    writer.close()
    data = (tmp_path / "device").read_bytes()
    assert (len(data), data[0], data[SIZE]) == (2 * SIZE, 3, 4)


def test_a_missing_loopback_names_the_line_that_makes_one(tmp_path):
    with pytest.raises(SharpError) as said:
        virtual_camera(None, rate, tmp_path)
    assert "sudo modprobe v4l2loopback exclusive_caps=1" in str(said.value)
    assert "\n" not in str(said.value)
    (tmp_path / "video5").mkdir()
    (tmp_path / "video5" / "name").write_text("sharpcli\n")
    assert virtual_camera("5", rate, tmp_path).name == "/dev/video5"
    with pytest.raises(SharpError, match=r"no virtual camera is called OBS; there are /dev/video5 \(sharpcli\)"):
        virtual_camera("OBS", rate, tmp_path)
    with pytest.raises(SharpError, match="takes no frames"):
        Loopback(str(tmp_path / "missing" / "video9"), rate).write(frame(1))


@pytest.fixture
def backend(monkeypatch):
    """A virtual camera of pyvirtualcam's that keeps what it is shown."""
    library = pytest.importorskip("pyvirtualcam", reason="needs the extra camera")
    monkeypatch.setattr("pyvirtualcam.camera.BACKENDS", {})

    kept = []

    class Backend:
        shown = kept

        def __init__(self, *, width, height, fps, fourcc, device, **other):
            if device == "missing":
                raise RuntimeError("no such device")
            self.shown.append((width, height, fps))

        def send(self, pixels):
            self.shown.append((pixels.shape, int(pixels[0])))

        def close(self):
            self.shown.append("closed")

        def device(self):
            return "fake"

        def native_fourcc(self):
            return None

    library.register_backend("fake", Backend)
    monkeypatch.setattr(sys, "platform", "darwin")
    return Backend


def test_another_system_has_its_virtual_camera_from_pyvirtualcam(backend):
    sink = sink_called("camera")
    for number in (1, 2):
        until(lambda: sink._slot._item is None)
        sink.write(frame(number))
    sink.close()
    assert backend.shown == [(320, 240, 25.0), ((SIZE,), 1), ((SIZE,), 2), "closed"]
    lacking = sink_called("camera:missing")
    lacking.write(frame(1))
    with pytest.raises(SharpError, match=r"no virtual camera takes the frames \('fake' backend: no such device\)"):
        lacking.close()


def test_without_pyvirtualcam_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(SharpError, match=r"pip install 'sharpcli\[camera\]'"):
        writer_called("camera", rate, BytesIO)
    assert virtual.EXTRA.isascii()


@pytest.fixture
def preview():
    made = Preview()
    yield made
    made.close()


def get(address, **headers):
    return urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20)


def next_image(stream):
    while not (line := stream.readline()).startswith(b"Content-Length"):
        assert line
    stream.readline()
    return stream.read(int(line.split()[1]))


def test_the_preview_shows_the_newest_frame_to_who_knows_its_address(preview):
    sink = Sink(preview)
    with get(preview.address) as page:
        assert b'src="stream.mjpeg"' in page.read()
    with get(preview.address + "stream.mjpeg") as stream:
        until(lambda: preview._viewers)
        for number in (40, 200):
            sink.write(frame(number))
            assert next_image(stream) == jpeg(frame(number))
    until(lambda: sink.write(frame(1)) and not preview._viewers)  # who has left is forgotten
    sink.close()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("../wrong/", {}, 403),
        ("../", {}, 403),
        ("other", {}, 404),
        ("", {"Host": "evil.example"}, 403),
        ("stream.mjpeg", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_the_preview_refuses_others(preview, path, headers, status):
    address = (
        preview.address[: preview.address[:-1].rindex("/") + 1] + path[3:]
        if path[:3] == "../"
        else preview.address + path
    )
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(address, **headers)
    assert refused.value.code == status


def test_the_preview_has_room_for_a_few_and_says_a_taken_port(preview):
    streams = [get(preview.address + "stream.mjpeg") for _ in range(4)]
    until(lambda: len(preview._viewers) == 4)
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(preview.address + "stream.mjpeg")
    assert refused.value.code == 503
    for stream in streams:
        stream.close()
    with pytest.raises(SharpError, match="choose another"):
        writer_called(f"preview:{preview._server.server_address[1]}", rate, BytesIO)
    with pytest.raises(SharpError, match="has no port from 1 to 65535"):
        writer_called("preview:big", rate, BytesIO)


def test_a_jpeg_of_limited_range_is_stretched():
    luma, *_ = simplejpeg.decode_jpeg(jpeg(frame(16)), "GRAY"), None
    assert luma.max() <= 2
