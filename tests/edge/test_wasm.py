"""The backend for stills in its workers, against the engine."""

import base64

import numpy as np
import pytest
from PIL import Image as PILImage
from PIL import ImageFilter

from sharpcli.inference.degradation import Degradation
from sharpcli.inference.runtime import load_network
from sharpcli_training.export.formats import Job
from sharpcli_training.export.stack import read_student
from sharpcli_training.export.webgpu import write
from tests.edge.wasm_page import ROOT, opened, pages_in

WEIGHTS = ROOT / "plugins" / "sharpcli_student" / "weights"
VECTOR = Degradation(blur=(0.0, 1.0, 0.0), radius=2.0, noise=2.0).vector()
CASES = [("student-photo-int8", ()), ("student-live-x2", ()), ("student-live-deblur", VECTOR)]


@pytest.fixture(scope="module")
def page(tmp_path_factory, photo):
    folder = pages_in(tmp_path_factory.mktemp("pages"))
    for name, _ in CASES:
        onnx = WEIGHTS / f"{name}.onnx"
        write(read_student(onnx), folder / name, Job(onnx, "int8" if "int8" in name else "fp32"))
    PILImage.fromarray(soft(photo)).save(folder / "photo.png")
    with opened(folder, "wasm.html") as page:
        yield page


def soft(photo):
    return np.asarray(PILImage.fromarray(photo[:298, :448]).filter(ImageFilter.GaussianBlur(1.5)))


@pytest.mark.parametrize(("name", "vector"), CASES)
def test_pixels_are_those_of_the_engine_within_a_level(page, photo, name, vector):
    script = "([name, vector]) => sharpen(`${name}.bin`, 'photo.png', 'float', vector)"
    told = page.evaluate(script, [name, vector or None])
    result = np.frombuffer(base64.b64decode(told["pixels"]), np.uint8).reshape(298, 448, 4)
    expected = load_network(WEIGHTS / f"{name}.onnx", 1, vector)(soft(photo))
    apart = np.abs(result[..., :3].astype(int) - expected)
    assert "WebAssembly SIMD" in told["device"]
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.001
    assert (result[..., 3] == 255).all()
    assert (expected != soft(photo)).mean() > 0.2


def test_networks_that_run_at_the_same_time_do_not_meet(page):
    assert page.evaluate("together(['student-photo-int8.bin', 'student-live-x2.bin'], 'photo.png')")


def test_what_it_cannot_do_is_said_in_a_sentence(page):
    told = page.evaluate("refusals('student-live-x2.bin')")
    assert "half precision" in told["half"]
    assert "no INT8 weights" in told["int8"]
    assert "must be even" in told["odd"]
    assert "closed" in told["closing"]
    assert "closed" in told["closed"]
