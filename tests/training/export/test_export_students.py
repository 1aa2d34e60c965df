"""`sharpcli train export --to`: which files come out, what is refused."""

import json
import shutil
import struct

import numpy as np
import pytest
from click.testing import CliRunner

from sharpcli_student import StudentLiveEnhancer
from sharpcli_training.cli.train import train
from sharpcli_training.export.stack import read_student
from sharpcli_training.export.told import vector_of
from tests.training.export.edge_fixture import FOLDER, written

WEIGHTS = StudentLiveEnhancer.folder


def export(*arguments):
    return CliRunner().invoke(train, ["export", *map(str, arguments)])


def header_of(path):
    content = path.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, (12 + length) % 8) == (b"SHRP", 1, 0)
    return json.loads(content[12 : 12 + length]), content[12 + length :]


def tensor(header, payload, name):
    place = next(one for one in header["tensors"] if one["name"] == name)
    dtype = {"f32": "<f4", "f16": "<f2", "i8": "i1"}[place["dtype"]]
    return np.frombuffer(payload, dtype, int(np.prod(place["shape"])), place["offset"]).reshape(place["shape"])


def test_the_browser_gets_every_profile_with_its_card(tmp_path):
    outcome = export("student-live", "--to", "webgpu", "-o", tmp_path / "new")
    assert outcome.exit_code == 0, outcome.output
    names = [f"student-live-{profile}-int8" for profile in ("call", "deblur", "photo", "x2")]
    assert sorted(path.stem for path in (tmp_path / "new").iterdir()) == names
    for name in names:
        header, payload = header_of(tmp_path / "new" / f"{name}.bin")
        student = read_student(WEIGHTS / f"{name}.onnx")
        assert header["sha256"] == student.card["sha256"] and header["scores"] == student.card["scores"]
        assert header["conditioned"] == student.conditioned == (29 if student.mlp else 0)
        for index, one in enumerate(student.convolutions):
            assert np.array_equal(tensor(header, payload, f"conv{index}.weight"), one.rounding.whole)
            assert np.array_equal(tensor(header, payload, f"conv{index}.rows"), one.rounding.rows)
            assert np.array_equal(tensor(header, payload, f"conv{index}.bias"), one.bias)
        for index, (weight, _) in enumerate(student.mlp):
            assert np.allclose(tensor(header, payload, f"mlp{index}.weight"), weight, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", "f32"), ("fp16", "f16")])
def test_a_file_can_be_given_with_another_precision(tmp_path, precision, dtype):
    path = WEIGHTS / "student-live-x2.onnx"
    outcome = export(path, "--to", "webgpu", "--precision", precision, "-o", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    [file] = tmp_path.iterdir()
    header, payload = header_of(file)
    assert header["precision"] == precision and header["tensors"][0]["dtype"] == dtype
    expected = read_student(path).convolutions[1].weight
    assert np.allclose(tensor(header, payload, "conv1.weight"), expected, rtol=1e-3, atol=1e-6)


def test_an_estimator_is_there_with_all_its_weights(tmp_path):
    outcome = export("estimator-call", "--to", "webgpu", "-o", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    header, payload = header_of(tmp_path / "estimator-call.bin")
    weights = [one for one in header["tensors"] if not one["name"].endswith("rows")]
    assert sum(int(np.prod(one["shape"])) for one in weights) == 590_884
    assert header["kind"] == "estimator"
    assert tensor(header, payload, "body.6.rows").shape == (96,)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bicubic", "--to", "webgpu"], "bicubic is not a student"),
        (["nobody", "--to", "webgpu"], "nobody"),
        (["missing.onnx", "--to", "webgpu"], "missing.onnx is not there with its card"),
        (["student:profile=x2", "--to", "webgpu", "-O", "kind=motion"], "told in advance"),
        (["student:profile=x2", "--to", "webgpu", "--size", "640x360"], "leave out --size"),
        (["student", "--to", "webgpu", "--half"], "--precision fp16"),
        ([WEIGHTS / "student-x2.onnx", "--to", "webgpu", "--precision", "int8"], "has no INT8 weights"),
        ([WEIGHTS / "student-x2-int8.onnx", "--to", "webgpu", "--precision", "fp32"], "is INT8"),
        (["run", "--precision", "fp16"], "written from one run"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(tmp_path, arguments, sentence):
    outcome = export(*arguments, "-o", tmp_path / "out")
    assert outcome.exit_code != 0 and sentence in str(outcome.exception)
    assert not (tmp_path / "out").exists()


def test_another_network_is_no_student(tmp_path):
    for ending in (".onnx", ".json"):
        shutil.copy(WEIGHTS.parents[1] / "sharpcli_teacher" / "weights" / f"teacher-x2{ending}", tmp_path)
    shutil.copy(WEIGHTS / "student-live-x2.onnx", tmp_path / "bare.onnx")
    (tmp_path / "bare.json").write_text('{"name": "bare", "sha256": "", "scores": {}}')
    outcome = export(tmp_path / "bare.onnx", "--to", "webgpu", "-o", tmp_path / "out")
    assert "the card of bare.onnx lacks receptive_radius, kmac_per_pixel" in str(outcome.exception)
    (tmp_path / "text.onnx").write_text("nothing of the kind")
    (tmp_path / "text.json").write_text("{}")
    outcome = export(tmp_path / "text.onnx", "--to", "webgpu", "-o", tmp_path / "out")
    assert "text.onnx is not an ONNX file" in str(outcome.exception)
    outcome = export(tmp_path / "teacher-x2.onnx", "--to", "webgpu", "-o", tmp_path / "out")
    assert "teacher-x2.onnx is not a student" in str(outcome.exception)


@pytest.mark.parametrize(
    ("options", "call", "sentence"),
    [
        ({"kind": "gaussian"}, False, "needs its size"),
        ({"kind": "fog", "blur": "1"}, False, "kind must be one of none, gaussian"),
        ({"blur": "many"}, False, "from 0 to 12"),
        ({"coding": "4"}, False, "option coding is not one of kind"),
        ({"enlarged": "9"}, True, "from 1 to 4"),
        ({"kind": "defocus", "blur": "2", "light": "dim"}, False, "linear or encoded"),
    ],
)
def test_what_cannot_be_undone_is_refused(options, call, sentence):
    with pytest.raises(Exception, match=sentence):
        vector_of(options, call)


def test_the_browser_tests_agree_with_what_is_written_today(tmp_path):
    written(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".bin", ".json"))
    for name in files:
        if name.endswith(".bin"):
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), (
                "python -m tests.training.export.edge_fixture"
            )
    now, then = (json.loads((folder / "expected.json").read_text()) for folder in (tmp_path, FOLDER))
    assert [one["said"] for one in now["vectors"]] == [one["said"] for one in then["vectors"]]
    assert np.allclose([one["vector"] for one in now["vectors"]], [one["vector"] for one in then["vectors"]])
    for name, stack in then["stacks"].items():
        for one, other in zip(now["stacks"][name], stack, strict=True):
            assert all(np.allclose(one[part], other[part], rtol=1e-4, atol=1e-6) for part in other)
