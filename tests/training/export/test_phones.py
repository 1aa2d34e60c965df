"""Students for phones and boards: each format is run by its own library, where that is for Linux."""

import importlib
import shlex
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from sharpcli_training.export import checked, students
from sharpcli_training.export.checked import decibels, picture
from sharpcli_training.export.told import vector_of

WEIGHTS = Path(__file__).parents[3] / "plugins" / "sharpcli_student" / "weights"
WIDTH, HEIGHT = 64, 48
TOLD = {"kind": "defocus", "blur": "2"}
PACKAGES = {"litert": "ai_edge_litert", "ncnn": "ncnn", "coreml": "coremltools"}
CASES = [
    ("litert", "fp32", "student-live-x2"),
    ("litert", "fp32", "student-deblur"),
    ("litert", "fp16", "student-live-deblur"),
    ("litert", "int8", "student-live-x2-int8"),
    ("litert", "int8", "student-deblur-int8"),
    ("ncnn", "fp32", "student-live-x2"),
    ("ncnn", "fp32", "student-deblur"),
    ("ncnn", "fp16", "student-live-deblur"),
    ("coreml", "fp16", "student-live-x2"),
    ("coreml", "fp16", "student-deblur"),
    ("openvino", "fp32", "student-live-x2"),
    ("openvino", "fp32", "student-deblur"),
    ("openvino", "fp16", "student-live-deblur"),
    ("openvino", "int8", "student-live-deblur-int8"),
]
MAIN = {"litert": ".tflite", "ncnn": ".ncnn.param", "coreml": ".mlpackage", "openvino": ".xml"}


def needed(form):
    if form in PACKAGES:
        pytest.importorskip(PACKAGES[form], reason="needs the libraries of phones")


@pytest.mark.parametrize(("form", "precision", "name"), CASES)
def test_a_file_gives_what_the_onnx_file_gives(sharpcli, tmp_path, form, precision, name):
    needed(form)
    told = [part for key, value in TOLD.items() for part in ("-O", f"{key}={value}")] if "deblur" in name else []
    size = ["--size", f"{WIDTH}x{HEIGHT}", "--precision", precision]
    result = sharpcli("train", "export", WEIGHTS / f"{name}.onnx", "--to", form, *size, *told, "-o", tmp_path)
    assert result.exit_code == 0, result
    assert "against ONNX" in result.stdout or "the same as ONNX" in result.stdout
    assert (form == "coreml") == ("not run by Core ML" in result.stdout)
    (file,) = tmp_path.glob(f"*{MAIN[form]}")
    vector = vector_of(TOLD, False) if told else ()
    # Another picture than the command's own, and ONNX as its standard's reference computes it.
    plane = np.ascontiguousarray(picture(HEIGHT, WIDTH, vector)[::-1])
    written = importlib.import_module(f"sharpcli_training.export.{form}").session(file)(plane)
    expected = by_reference(WEIGHTS / f"{name}.onnx", plane, vector)
    assert decibels(plane, expected) < 40  # there is something to get wrong
    assert decibels(written, expected) > 50


def by_reference(file, plane, vector):
    model = onnx.load(file)
    model.opset_import[0].version = 21  # what of ours it knows is the same there
    inputs = {"pixels": plane[None, None], "degradation": np.array([vector], np.float32)}
    return ReferenceEvaluator(model).run(None, inputs if vector else {"pixels": inputs["pixels"]})[0][0, 0]


def test_what_gives_another_image_is_not_written(sharpcli, tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "LEAST", 1000.0)
    size = ["--size", "64x48", "--precision", "fp16"]
    result = sharpcli("train", "export", "student-live:profile=x2", "--to", "openvino", *size, "-o", tmp_path)
    assert result.exit_code == 2
    assert "student-live-x2.onnx" in result.stderr
    assert not list(tmp_path.iterdir())


def test_a_missing_library_is_named(sharpcli, tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "find_spec", lambda name: None)
    export = ["train", "export", "student-live:profile=x2", "--size", "64x48", "-o", tmp_path, "--to"]
    assert "pip install ai-edge-litert" in sharpcli(*export, "litert").stderr
    assert not list(tmp_path.iterdir())
    unchecked = sharpcli(*export, "ncnn")
    assert unchecked.exit_code == 0
    assert "not checked, for that: pip install ncnn" in unchecked.stdout


def test_sizes_have_names(sharpcli, tmp_path, monkeypatch):
    monkeypatch.setattr(checked, "find_spec", lambda name: None)
    export = ["train", "export", "student-live:profile=x2", "--to", "ncnn", "-o", tmp_path, "--size"]
    assert sharpcli(*export, "360p").exit_code == 0
    assert " 0=640 1=360 " in (tmp_path / "student-live-x2-360p.ncnn.param").read_text()
    assert "both even" in sharpcli(*export, "641x360").stderr


def test_the_commands_of_the_document_work_as_written(sharpcli, tmp_path, monkeypatch):
    for form in PACKAGES:
        needed(form)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(students.SIZES, "720p", "64x48")  # the same, sooner
    text = (WEIGHTS.parents[2] / "docs" / "phones.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("sharpcli train export ")]
    for line in lines:
        result = sharpcli(*shlex.split(line.replace("1312x752", "96x80"), comments=True)[1:])
        assert result.exit_code == 0, (line, result)
    assert len(list(Path("phone").iterdir())) == len(lines) + 2  # two of them have a file of weights beside them
