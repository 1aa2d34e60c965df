"""A camera sharpened in the tab, on WebGL 2's software renderer: what is seen, what is sent on, and what is said."""

import base64

import numpy as np
import pytest
from PIL import Image as PILImage

from sharpcli.inference.runtime import load_network
from tests.edge.networks import WEIGHTS, put_networks
from tests.edge.wasm_page import opened, pages_in
from tests.web.conftest import CAMERA, FLAGS

NETWORK = "student-live-x2-int8"
WIDTH, HEIGHT = 160, 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory, photo):
    folder = pages_in(tmp_path_factory.mktemp("pages"))
    put_networks(folder / "networks", NETWORK)
    bicubic = PILImage.Resampling.BICUBIC
    soft = PILImage.fromarray(photo[:HEIGHT, :WIDTH]).resize((WIDTH // 2, HEIGHT // 2), bicubic)
    planes = [np.asarray(one) for one in soft.resize((WIDTH, HEIGHT), bicubic).convert("YCbCr").split()]
    frame = b"FRAME\n" + planes[0].tobytes() + b"".join(one[::2, ::2].tobytes() for one in planes[1:])
    # Few frames a second, so that a software renderer has the time for each.
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F4:1 Ip A1:1 C420jpeg\n".encode()
    (folder / "camera.y4m").write_bytes(header + 4 * frame)
    return folder


@pytest.fixture
def page(folder):
    flags = [flag for flag in FLAGS if flag != "--disable-gpu"]
    capture = f"--use-file-for-fake-video-capture={folder / 'camera.y4m'}"
    with opened(folder, "calls.html", [*flags, *CAMERA, capture, "--enable-unsafe-swiftshader"]) as page:
        page.set_default_timeout(60_000)
        yield page


def watched(page, **asked):
    return page.evaluate("(asked) => watch(asked)", {"profile": "x2", "backend": "webgl2", **asked})


def pixels(told, which):
    width, height = told["size"]
    return np.frombuffer(base64.b64decode(told[which]), np.uint8).reshape(height, width, 4)[..., :3]


def test_frames_are_what_python_makes_of_them_and_go_on_as_a_track(page):
    told = watched(page)
    before, after = pixels(told, "before"), pixels(told, "after")
    expected = load_network(WEIGHTS / f"{NETWORK}.onnx", 1, ())(np.ascontiguousarray(before)).astype(float)
    # Features of 16 bits: 47 dB.
    assert np.mean((after - expected) ** 2) < 2
    assert np.mean((before - expected) ** 2) > 8
    assert told["size"] == told["shown"] == [WIDTH, HEIGHT]
    assert "student-live on webgl2" in told["status"]["sentence"]
    assert told["said"][-1].startswith("Ended after")
    # The camera is whoever's opened it.
    assert told["states"] == ["live", "ended"]


def test_a_lost_device_is_replaced_while_frames_pass_through(page):
    told = watched(page, lose=True)
    assert told["opened"] == 2
    assert told["status"]["backend"] == "webgl2"


def test_without_track_processors_a_video_is_played_and_pauses_in_the_background(page):
    told = watched(page, without=True, hide=True)
    before, after = pixels(told, "before"), pixels(told, "after")
    assert before.shape == after.shape == (HEIGHT, WIDTH, 3)
    assert told["shown"] == [WIDTH, HEIGHT]
    sentence = "Paused: the page is in the background, where the browser shows no frames."
    assert told["status"]["sentence"] == sentence


def test_the_processor_has_the_shape_that_livekit_takes(page):
    expected = ["sharpcli", "undefined", "video live", "ended live", "ended undefined live"]
    assert page.evaluate("process()") == expected


def test_a_camera_that_cannot_be_had_gives_a_sentence(page):
    told = page.evaluate("refused(['NotAllowedError', 'NotFoundError', 'NotReadableError'])")
    assert [one.partition(";")[0] for one in told] == [
        "The browser was not allowed to use the camera",
        "No camera was found",
        "The camera is in use by another program, or switched off",
    ]
