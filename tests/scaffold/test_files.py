"""An ONNX file comes in one piece, or is refused."""

import sys

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharpcli.errors import SharpError
from sharpcli.inference.generic import ForeignNetwork, Form, read_model
from sharpcli.scaffold.onnx import files
from sharpcli.scaffold.onnx.files import whole_onnx


@pytest.fixture
def apart(exported, tmp_path):
    """An ONNX file whose weights lie in another, as torch writes them by default."""
    model = onnx.load(exported("Certain")[0])
    onnx.save_model(model, tmp_path / "a.onnx", save_as_external_data=True, location="a.data", size_threshold=0)
    return tmp_path / "a.onnx"


def test_weights_in_another_file_are_put_in(exported, apart, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    whole = tmp_path / "elsewhere" / "whole.onnx"
    whole.write_bytes(whole_onnx(apart))
    onnx.checker.check_model(onnx.load(whole))
    pixels = np.random.default_rng(0).random((20, 24, 3), np.float32)
    first, second = (ForeignNetwork(file, Form())(pixels) for file in (exported("Certain")[0], whole))
    np.testing.assert_array_equal(first, second)


def test_a_file_in_one_piece_stays_as_it_is(exported):
    file = exported("Certain")[0]
    assert whole_onnx(file) == file.read_bytes()


def test_missing_weights_are_named(apart):
    (apart.parent / "a.data").unlink()
    with pytest.raises(SharpError, match=r"has its weights in a\.data, which is missing"):
        whole_onnx(apart)


def test_weights_that_end_early_are_named(apart):
    data = apart.parent / "a.data"
    data.write_bytes(data.read_bytes()[:100])
    with pytest.raises(SharpError, match=r"a\.data has fewer bytes than"):
        whole_onnx(apart)


@pytest.mark.parametrize("place", ["../secret", "/etc/hostname", "sub/../../secret", ""])
def test_nothing_from_elsewhere_gets_into_a_package(apart, place):
    """Whoever publishes what he made of a stranger's file must not publish his own files with it."""
    (apart.parent.parent / "secret").write_bytes(bytes(10_000))
    model = onnx.load(apart, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = place
    apart.write_bytes(model.SerializeToString())
    with pytest.raises(SharpError, match="which is not next to it"):
        whole_onnx(apart)


@pytest.mark.parametrize(
    "content",
    [b"hello, this is a text", b"a text of no location", b"\x3a\xff\xff\xff\xff\xff\xff", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_none_is_refused(tmp_path, content):
    file = tmp_path / "a.onnx"
    file.write_bytes(content)
    with pytest.raises(SharpError, match=r"a\.onnx (is not|cannot be read as) an ONNX file"):
        file.write_bytes(whole_onnx(file))
        read_model(file)


def test_without_the_package_onnx_the_remedy_is_named(exported, apart, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SharpError, match="pip install onnx"):
        whole_onnx(apart)
    assert whole_onnx(exported("Certain")[0])


def test_missing_files_folders_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(SharpError, match="no file"):
        whole_onnx(tmp_path / "a.onnx")
    with pytest.raises(SharpError, match="is a folder"):
        whole_onnx(tmp_path)
    monkeypatch.setattr(files, "LARGEST", 4 << 20)
    with (tmp_path / "b.onnx").open("wb") as file:
        file.truncate((4 << 20) + 1)
    with pytest.raises(SharpError, match="more than 4 MB"):
        whole_onnx(tmp_path / "b.onnx")


def test_an_operation_that_the_engine_does_not_know_is_named(tmp_path):
    shape = [1, 3, None, None]
    ends = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "xy"]
    node = onnx.helper.make_node("Magic", ["x"], ["y"], domain="com.example")
    graph = onnx.helper.make_graph([node], "graph", ends[:1], ends[1:])
    known = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("com.example", 1)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=known), tmp_path / "a.onnx")
    with pytest.raises(SharpError, match=r"^a\.onnx cannot be read .*com\.example\.Magic"):
        read_model(tmp_path / "a.onnx")


@given(place=st.integers(0, 2000), value=st.integers(0, 255), length=st.integers(1, 10_000))
def test_damage_never_ends_in_a_traceback(exported, tmp_path_factory, place, value, length):
    content = bytearray(exported("Certain")[0].read_bytes())
    content[place % len(content)] = value
    file = tmp_path_factory.getbasetemp() / "damaged.onnx"
    file.write_bytes(content[:length])
    try:
        file.write_bytes(whole_onnx(file))
        read_model(file)
    except SharpError as refused:
        assert "\n" not in str(refused)
