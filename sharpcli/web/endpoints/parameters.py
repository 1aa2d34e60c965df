"""The parameters of an API endpoint: type, default, bounds and description, without a widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradio.components.api_component import Api
from gradio.data_classes import FileData

from sharpcli.errors import SharpError
from sharpcli.plugin.enhancer import Option

TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
FILE_SCHEMA = FileData.model_json_schema()


def field(name: str, schema: dict[str, Any], help: str, value: Any = None) -> Api:
    """A value that goes into an endpoint or comes out, with its JSON schema, its default and what it means."""
    text = help[:1].upper() + help[1:]
    # A capital, since the browser would take "image" for a key of its translations.
    return Api(value, {**schema, "description": text, "additional_description": text}, name.capitalize())


@dataclass(frozen=True)
class Parameter:
    """A value that an endpoint takes, declared like an enhancer's option; an optional one may be left at None."""

    option: Option
    optional: bool = False

    def field(self) -> Api:
        """How it is shown."""
        declared, kind = self.option, TYPES[type(self.option.default)]
        help = f"{declared.help}: {declared.expected()}" if declared.max is not None else declared.help
        schema = {"enum": list(declared.choices)} if declared.choices else {"type": kind}
        return field(declared.name, schema, help, None if self.optional else declared.default)

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


def object_field(name: str, help: str, value: Any = None) -> Api:
    """A JSON object."""
    return field(name, {"type": "object", "additionalProperties": {}}, help, value)


def names_field(name: str, help: str, value: list[str]) -> Api:
    """A list of names."""
    return field(name, {"type": "array", "items": {"type": "string"}}, help, value)


def names(given: Any, name: str) -> tuple[str, ...]:
    """The names that were given, none for None; raises SharpError for anything else."""
    if given is None:
        return ()
    if not (isinstance(given, list) and all(isinstance(one, str) for one in given)):
        raise SharpError(f"{name} must be a list of names, not {given!r}")
    return tuple(given)


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
