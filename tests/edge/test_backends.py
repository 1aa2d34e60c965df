"""The browser edition on WebGPU and WebGL 2, both on a software renderer here, against the command line."""

import math

import numpy as np
import pytest

from sharpcli.errors import SharpError
from tests.helpers.driver import driver
from tests.helpers.scripts import benchmark
from tests.web.conftest import chromium as installed

KEEP_DEVICE = """
const request = GPUAdapter.prototype.requestDevice;
GPUAdapter.prototype.requestDevice = async function (...given) {
  return (window.device = await request.apply(this, given));
};
"""
COUNT = """
window.made = 0;
for (const name of ["createTexture", "createBuffer", "createBindGroup"]) {
  const make = GPUDevice.prototype[name];
  GPUDevice.prototype[name] = function (...given) { window.made++; return make.apply(this, given); };
}
"""
NO_ROOM = """
const pop = GPUDevice.prototype.popErrorScope;
let first = true;
GPUDevice.prototype.popErrorScope = async function () {
  const found = await pop.apply(this);
  return first ? (first = false, new GPUOutOfMemoryError("full")) : found;
};
"""


@pytest.fixture(scope="module")
def edge():
    """The benchmark's script, which drives the browser."""
    installed()
    return benchmark("edge")


@pytest.fixture(scope="module")
def parity():
    return benchmark("edging.parity")


@pytest.fixture(scope="module")
def address(edge, parity, tmp_path_factory):
    folder = tmp_path_factory.mktemp("harness")
    edge.build(folder)
    parity.export_networks(folder, ["student-live:profile=photo", "student-live:profile=deblur", "student:profile=x2"])
    with edge.served(folder) as where:
        yield where


@pytest.fixture(scope="module")
def browser(edge):
    with edge.chromium(driver=driver()) as running:
        yield running


@pytest.fixture
def opened(edge, browser, address):
    """A page with a backend open; the second argument is a script that runs on it before."""
    return lambda name, before="": edge.harness(browser, address, name, before)


@pytest.mark.parametrize("backend", ["webgpu", "webgl2"])
@pytest.mark.parametrize(
    ("student", "profile"), [("student-live", "photo"), ("student-live", "deblur"), ("student", "x2")]
)
def test_results_are_those_of_the_command_line(opened, parity, backend, student, profile):
    with opened(backend) as harness:
        cells = list(parity.measured(harness, parity.crops(2), [student], [profile]))
    assert {cell.precision for cell in cells} >= {"float", "half"}
    for cell in cells:
        if cell.precision == "float" and (cell.weights == "fp32" or profile != "deblur"):
            assert cell.most <= 1
        assert min(cell.decibels) >= 45
    assert max(cells[0].changed) > 0 or profile == "photo"


@pytest.mark.parametrize("backend", ["webgpu", "webgl2"])
def test_tiles_frames_strength_and_alpha(opened, parity, backend):
    (pixels,) = parity.crops(1)
    alpha = np.random.default_rng(1).integers(0, 256, (*pixels.shape[:2], 1), np.uint8)
    alpha[:20] = 0
    with opened(backend) as harness:
        harness.compile("student-x2.bin", "float")
        whole = harness.image(pixels)
        assert np.array_equal(harness.image(pixels, tile=60), whole)
        assert np.array_equal(harness.image(pixels, strength=0), pixels)
        half = harness.image(pixels, strength=0.5).astype(int)
        assert np.abs(half - (pixels.astype(int) + whole) / 2).max() <= 1
        assert np.array_equal(harness.image(np.concatenate([pixels, alpha], 2)), np.concatenate([whole, alpha], 2))
        shown = np.ascontiguousarray(pixels[:64])
        assert np.array_equal(harness.image(shown, way="frame"), harness.image(shown))


def test_frames_need_nothing_new_on_the_device(opened, parity):
    pixels = np.ascontiguousarray(parity.crops(1)[0][:64, :64])
    with opened("webgpu", COUNT) as harness:
        harness.compile("student-live-photo-int8.bin", "int8")
        harness.image(pixels, way="frame")
        before = harness.page.evaluate("made")
        for _ in range(20):
            harness.image(pixels, way="frame")
        assert harness.page.evaluate("made") == before


def test_a_lost_device_is_said_and_another_can_be_opened(opened, parity):
    (pixels,) = parity.crops(1)
    with opened("webgpu", KEEP_DEVICE) as harness:
        harness.compile("student-live-photo.bin", "float")
        sharp = harness.image(pixels)
        harness.page.evaluate("device.destroy()")
        assert "The graphics device was lost" in harness.page.evaluate("harness.lost()")
        with pytest.raises(Exception, match="The graphics device was lost"):
            harness.image(pixels)
        with pytest.raises(Exception, match="The graphics device was lost"):
            harness.compile("student-live-photo.bin", "float")
        harness.page.evaluate("harness.open('webgpu')")
        harness.compile("student-live-photo.bin", "float")
        assert np.array_equal(harness.image(pixels), sharp)


def test_a_closed_backend_is_not_lost(opened, parity):
    with opened("webgpu") as harness:
        harness.compile("student-live-photo.bin", "float")
        harness.page.evaluate("harness.close()")
        waited = "Promise.race([harness.lost(), new Promise((done) => setTimeout(done, 200, 'not lost'))])"
        assert harness.page.evaluate(waited) == "not lost"
        with pytest.raises(Exception, match="This backend was closed"):
            harness.image(parity.crops(1)[0])


def test_no_room_on_the_device_is_said_and_the_next_image_runs(opened, parity):
    (pixels,) = parity.crops(1)
    with opened("webgpu", NO_ROOM) as harness:
        harness.compile("student-live-photo.bin", "float")
        with pytest.raises(Exception, match="has no memory left for 80x66 pixels: use smaller tiles"):
            harness.image(pixels)
        assert harness.image(pixels).shape == pixels.shape
        with pytest.raises(Exception, match="pixels are too many for this graphics device at once"):
            harness.image(np.zeros((2, 40_000, 3), np.uint8), tile=40_000)


def test_fp32_weights_are_not_run_in_int8(opened):
    with opened("webgpu") as harness, pytest.raises(Exception, match="has no INT8 weights"):
        harness.compile("student-live-photo.bin", "int8")


def test_graphics_in_software_are_passed_over_where_nobody_asks_for_them(edge, browser, address):
    with pytest.raises(SharpError, match="only wasm"), edge.harness(browser, address, "another"):
        pass


def test_the_table_names_what_differs(parity):
    cell = parity.Cell("student", "x2", "int8", "half")
    gray = np.full((4, 4, 3), 100, np.uint8)
    cell.add(gray, gray + 1, gray + 2)
    cell.add(gray, gray + 2, gray + 2)
    table = benchmark("edging.tables").parity_table([cell])
    assert "| student | x2 | INT8 | half | 1 | 50 % | 48.1 dB | 2.00 levels |" in table
    assert math.isinf(cell.decibels[1])
