"""What is WebGL 2's own in the browser edition, on a software renderer here; parity is in test_backends.py."""

import numpy as np
import pytest

from tests.helpers.driver import driver
from tests.helpers.scripts import benchmark
from tests.web.conftest import chromium as installed

NETWORKS = "student-live-photo-int8", "student-x2-int8"
LEAST = """
const get = WebGL2RenderingContext.prototype.getParameter;
WebGL2RenderingContext.prototype.getParameter = function (name) {
  return name === this.MAX_UNIFORM_BLOCK_SIZE ? 16384 : get.call(this, name);
};
const extension = WebGL2RenderingContext.prototype.getExtension;
WebGL2RenderingContext.prototype.getExtension = function (name) {
  return name.startsWith("EXT_color_buffer") ? null : extension.call(this, name);
};
"""
"""A device with no more than WebGL 2 promises."""
LOSE = "contexts.at(-1).getExtension('WEBGL_lose_context').loseContext()"


@pytest.fixture(scope="module")
def edge():
    """The benchmark's script, which drives the browser."""
    installed()
    return benchmark("edge_flat")


@pytest.fixture(scope="module")
def opened(edge, tmp_path_factory):
    """A page with WebGL 2 open, whatever else runs on it first."""
    folder = tmp_path_factory.mktemp("harness")
    edge.build(folder)
    edge.export(folder, *NETWORKS)
    with edge.served(folder) as address, edge.chromium(edge.FLAGS, driver()) as browser:
        yield lambda before="": edge.harness(browser, address, "webgl2", before)


@pytest.fixture(scope="module")
def small(photo):
    return np.ascontiguousarray(photo[100:151, 200:262])


def test_the_least_that_webgl_promises_gives_the_same_pixels(opened, small):
    with opened() as harness:
        assert set(harness.backend["precisions"]) == {"float", "half"}
        harness.compile("student-x2-int8.bin", "half")
        expected = harness.image(small)
    with opened(LEAST) as harness:
        assert harness.backend["precisions"] == ["half"]
        harness.compile("student-x2-int8.bin", "half")
        assert np.array_equal(harness.image(small), expected)
        with pytest.raises(Exception, match="WebGL computes in half on this device"):
            harness.compile("student-x2-int8.bin", "float")
    assert not np.array_equal(expected, small)


@pytest.mark.parametrize("way", ["frame", "image"])
def test_frames_leave_nothing_behind(edge, opened, way):
    with opened(edge.COUNTED) as harness:
        harness.compile("student-live-photo-int8.bin", "float")
        edge.run(harness, way, 32, 32, 20)
        before = edge.held(harness)
        edge.run(harness, way, 32, 32, 300)
        after = edge.held(harness)
        edge.run(harness, way, 48, 32, 20)
        other = edge.held(harness)
    assert not any(edge.new(before, after, kind) for kind in ("Texture", "Buffer", "Framebuffer", "Program"))
    assert before.objects == after.objects == other.objects
    assert edge.new(after, other, "Texture") == before.objects["Texture"]
    assert after.heap - before.heap < 1


def test_a_lost_context_is_said_and_another_can_be_opened(edge, opened, small):
    with opened(edge.COUNTED) as harness:
        harness.compile("student-live-photo-int8.bin", "float")
        sharp = harness.image(small)
        harness.page.evaluate(LOSE)
        assert harness.page.evaluate("harness.lost()") == "The browser took the graphics device away."
        for call in (lambda: harness.image(small), lambda: harness.compile("student-x2-int8.bin", "half")):
            with pytest.raises(Exception, match=r"Error: The browser took the graphics device away\."):
                call()
        harness.page.evaluate("harness.open('webgl2')")
        harness.compile("student-live-photo-int8.bin", "float")
        assert np.array_equal(harness.image(small), sharp)


def test_a_context_that_is_lost_meanwhile_ends_the_call(edge, opened):
    with opened(edge.COUNTED) as harness:
        harness.compile("student-live-photo-int8.bin", "float")
        begun = "const sure = harness.time(256, 256, 100).catch((reason) => reason.message)"
        told = harness.page.evaluate(f"async () => {{ {begun}; await new Promise(setTimeout); {LOSE}; return sure; }}")
        assert told == "The browser took the graphics device away."


def test_a_canvas_that_is_taken_and_a_picture_too_large_are_said(opened):
    with opened() as harness:
        harness.compile("student-live-photo-int8.bin", "float")
        with pytest.raises(Exception, match="has too little memory for an image of this size"):
            harness.page.evaluate("harness.time(20000, 2, 1)")
        harness.page.evaluate("OffscreenCanvas.prototype.getContext = () => null")
        with pytest.raises(Exception, match="This canvas was drawn on by something else before: give a fresh one"):
            harness.page.evaluate("harness.repeat('frame', 32, 32, 1)")
