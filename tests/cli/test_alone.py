"""Every command does its work without talking to anybody, and leaves nothing but its results."""

import subprocess

import pytest
from PIL import Image as PILImage

from tests.helpers.alone import Alone

pytestmark = pytest.mark.slow
STUDENT = ("-e", "student-live")
COMMANDS = {
    "one file": ("enhance", "a.png", "-o", "out"),
    "folder": ("enhance", "in", "-o", "out", "--workers", "2", "--report", "out.html"),
    "teacher": ("enhance", "a.png", "-o", "out", "-e", "teacher"),
    "dry run": ("enhance", "in", "-o", "out", "--dry-run"),
    "degrade": ("degrade", "in", "-o", "out", "--blur", "gaussian:1"),
    "score": ("score", "in", "ref", "--workers", "2"),
    "compare": ("compare", "a.png", "-o", "sheet.png", *STUDENT, "-e", "bicubic"),
    "bench": ("bench", *STUDENT, "--size", "64x48", "--rounds", "1"),
    "check": ("check", "student-live", "-k", "shape"),
    "enhancers": ("enhancers", "--json"),
    "metrics": ("metrics",),
    "new": ("new", "halo"),
    "help": ("--help",),
    "version": ("--version",),
    "train": ("train", "--help"),
    "train evaluate": ("train", "evaluate", "--help"),
}
PYTHON = """
import numpy, sharpcli
sharpcli.enhance("a.png", out="out.png")
sharpcli.load("student-live")(numpy.zeros((32, 32, 3), numpy.uint8))
sharpcli.score("out.png", "a.png")
"""
PLUGIN = """
import openvino
import openvino.tools.ovc
from sharpcli.plugin import Enhancer, hookimpl

class Same(Enhancer):
    name, summary, receptive_radius = "same", "Changes nothing.", 0

    def enhance(self, pixels):
        return pixels.copy()

@hookimpl
def enhancers():
    return [Same]
"""


@pytest.fixture
def alone(tmp_path, photo):
    found = Alone(tmp_path)
    for name in ("in", "ref"):
        (found.work / name).mkdir()
        PILImage.fromarray(photo[:64, :80]).save(found.work / name / "a.png")
        PILImage.fromarray(photo[64:128, :80]).save(found.work / name / "b.jpg")
    PILImage.fromarray(photo[:64, :80]).save(found.work / "a.png")
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command(alone, name):
    assert alone.run("-m", "sharpcli", *COMMANDS[name])


def test_the_python_interface(alone):
    alone.run("-c", PYTHON)
    assert (alone.work / "out.png").is_file()


def test_where_there_is_no_network(alone):
    isolated = ("unshare", "--map-root-user", "--net")
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no network namespaces here")
    alone.run("-m", "sharpcli", *COMMANDS["folder"], wrapper=isolated)
    assert sorted(path.name for path in (alone.work / "out").glob("[ab]*")) == ["a.png", "b.jpg"]


def test_a_plugin_that_imports_openvino_itself(alone):
    (alone.work / "plugin.py").write_text(PLUGIN)
    alone.run("-m", "sharpcli", "enhance", "a.png", "-o", "out", "--plugin", "plugin.py", "-e", "same")


def test_programs_that_use_openvino_too_keep_all_of_it(alone):
    code = """
from sharpcli.inference.engine import openvino
from onnx import TensorProto, helper
kind = TensorProto.FLOAT
x, y = (helper.make_tensor_value_info(name, kind, [1]) for name in "xy")
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
open("relu.onnx", "wb").write(model.SerializeToString())
assert openvino.convert_model("relu.onnx").inputs
import openvino.tools.ovc
assert openvino.tools.ovc.convert_model("relu.onnx").inputs
"""
    alone.run("-c", code)
