"""What an endpoint for programs is made of: values with a type, a default, bounds and a sentence, but no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio.components.api_component import Api
from gradio.data_classes import FileData
from gradio_client.utils import is_file_obj_with_meta

from sharpcli.enhancer import Option
from sharpcli.errors import SharpError

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
FILE = FileData.model_json_schema()


class Field(Api):
    """A value that goes into an endpoint or comes out; `schema` is its JSON schema, `help` what it means."""

    is_template = True  # the browser knows it as Api

    def __init__(self, label: str, schema: dict[str, Any], help: str, value: Any = None, example: Any = None) -> None:
        self._example = value if example is None else example
        told = help[:1].upper() + help[1:]
        super().__init__(value, {**schema, "description": told, "additional_description": told}, label)

    def example_payload(self) -> Any:
        """What the page's examples for programs show."""
        return self._example


@dataclass(frozen=True)
class Parameter:
    """A value that an endpoint takes, declared like an enhancer's option; an optional one may be left at None."""

    option: Option
    optional: bool = False

    def field(self) -> Field:
        """How it is shown."""
        declared, kind = self.option, TYPES[type(self.option.default)]
        help = f"{declared.help}: {declared.expected()}" if declared.max is not None else declared.help
        schema = {"enum": list(declared.choices)} if declared.choices else {"type": kind}
        return Field(declared.name, schema, help, None if self.optional else declared.default, declared.default)

    def value(self, given: Any) -> Any:
        """What was given, once it is right; raises SharpError."""
        if given is None and self.optional:
            return None
        value = self.option.parse(given)
        self.option.check(value)
        return value


def checked(parameters: Sequence[Parameter], *given: Any) -> dict[str, Any]:
    """The values by name; raises SharpError for the first that is wrong."""
    return {one.option.name: one.value(value) for one, value in zip(parameters, given, strict=True)}


def object_field(name: str, help: str, value: Any = None, example: Any = None) -> Field:
    """A JSON object."""
    return Field(name, {"type": "object", "additionalProperties": {}}, help, value, example)


def file_field(name: str, help: str) -> Field:
    """A file, which a program wraps in `handle_file`."""
    example = {"path": f"{name}.jpg", "url": f"{name}.jpg", "meta": {"_type": "gradio.FileData"}}
    return Field(name, FILE, help, example=example)


def received(given: Any, name: str) -> Path:
    """The file that was uploaded; raises SharpError for anything else.

    Gradio itself has seen to it that a value with the mark of a file was uploaded here; texts are not looked at.
    """
    if not is_file_obj_with_meta(given):
        raise SharpError(f"{name} must be a file of yours, uploaded: handle_file(path) in gradio_client")
    return Path(given["path"])


def sent(path: Path) -> dict[str, Any]:
    """A file as an endpoint returns it."""
    return FileData(path=str(path), orig_name=path.name, size=path.stat().st_size).model_dump()
