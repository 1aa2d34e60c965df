"""An ONNX file in one piece, whatever files its weights lie in."""

from __future__ import annotations

from pathlib import Path, PurePath

from sharpcli.errors import SharpError
from sharpcli.files.names import shown

LARGEST = 1 << 30
"""Bytes; a package larger than this could be given to nobody."""


def whole_onnx(path: Path) -> bytes:
    """The content of an ONNX file, with the weights put into it that exporters leave in files beside it.

    Raises SharpError where a file is missing, too large or none of ONNX's. A file elsewhere than in the same folder
    is refused: the content is made to be published.
    """
    content = _read(path, f"no file {shown(path)}; give the path of an ONNX file")
    if b"location" not in content:  # the key under which a tensor in another file names it
        return content
    try:
        import onnx
    except ImportError as error:
        raise SharpError(f"{shown(path)} may have weights in other files; to see: pip install onnx") from error
    try:
        model = onnx.ModelProto.FromString(content)
    except Exception as error:  # of Protocol Buffers, which has no types to name it by
        raise SharpError(f"{shown(path)} is not an ONNX file") from error
    apart = [one for one in model.graph.initializer if one.data_location == onnx.TensorProto.EXTERNAL]
    for tensor in apart:
        tensor.raw_data = _part(path, {entry.key: entry.value for entry in tensor.external_data})
        tensor.ClearField("external_data")
        tensor.ClearField("data_location")
    return model.SerializeToString() if apart else content


def _read(path: Path, missing: str) -> bytes:
    try:
        if path.is_dir():
            raise SharpError(f"{shown(path)} is a folder; give the path of an ONNX file")
        if path.stat().st_size > LARGEST:
            raise SharpError(f"{shown(path)} has more than {LARGEST >> 20} MB, which is too much for a package")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SharpError(missing) from error
    except OSError as error:
        raise SharpError(f"{shown(path)} cannot be read ({error.strerror or error})") from error


def _part(path: Path, external: dict[str, str]) -> bytes:
    """The bytes of a tensor in another file; see ONNX's ExternalData.md."""
    location = PurePath(external.get("location", ""))
    if location.is_absolute() or ".." in location.parts or not location.name:
        raise SharpError(f"{shown(path)} has weights in {shown(location)}, which is not next to it; export to one file")
    data = _read(
        path.parent / location,
        f"{shown(path)} has its weights in {shown(location)}, which is missing; put it there, or export to one file",
    )
    start = int(external.get("offset", 0))
    end = start + int(external["length"]) if "length" in external else len(data)
    if not 0 <= start <= end <= len(data):
        raise SharpError(f"{shown(location)} has fewer bytes than {shown(path)} says; copy or export it again")
    return data[start:end]
