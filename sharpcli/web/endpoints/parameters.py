"""The parameters of Gradio's endpoints: type, default, bounds and description, without a widget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gradio.components.api_component import Api
from gradio.data_classes import FileData

from sharpcli.errors import SharpError
from sharpcli.web.endpoints.values import Parameter

FILE_SCHEMA = FileData.model_json_schema()


def field(name: str, schema: dict[str, Any], help: str, value: Any = None) -> Api:
    """A value that goes into an endpoint or comes out, with its JSON schema, its default and what it means."""
    text = help[:1].upper() + help[1:]
    # A capital, since the browser would take "image" for a key of its translations.
    return Api(value, {**schema, "description": text, "additional_description": text}, name.capitalize())


def parameter_field(parameter: Parameter) -> Api:
    """How a value that an endpoint takes is shown."""
    declared = parameter.option
    help = f"{declared.help}: {declared.expected()}" if declared.max is not None else declared.help
    return field(declared.name, parameter.schema(), help, None if parameter.optional else declared.default)


def object_field(name: str, help: str, value: Any = None) -> Api:
    """A JSON object."""
    return field(name, {"type": "object", "additionalProperties": {}}, help, value)


def names_field(name: str, help: str, value: list[str]) -> Api:
    """A list of names."""
    return field(name, {"type": "array", "items": {"type": "string"}}, help, value)


def file_field(name: str, help: str) -> Api:
    """A file, which a program wraps in `handle_file`."""
    made = field(name, FILE_SCHEMA, help)
    example = {"path": f"{name}.jpg", "url": f"{name}.jpg", "meta": {"_type": "gradio.FileData"}}
    # Of this one object: for a class derived from it, Gradio would write a file beside our source.
    made.example_payload = lambda: example  # type: ignore[method-assign]
    return made


def received(given: Any, name: str) -> Path:
    """The file that was uploaded; raises SharpError for anything else.

    Gradio has seen to it that what has the mark of a file was uploaded here; what has not, it does not look at.
    """
    try:
        return Path(FileData.model_validate(given, context={"validate_meta": True}).path)
    except ValueError as error:
        raise SharpError(f"{name} must be an uploaded file; use handle_file(path) in gradio_client") from error


def sent(path: Path) -> dict[str, Any]:
    """A file as an endpoint returns it."""
    return FileData(path=str(path), orig_name=path.name, size=path.stat().st_size).model_dump()
