"""What `/openapi.json` says of forms and answers, from the same declarations that check them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sharpcli.plugin.registry import load_registry
from sharpcli.scoring.metrics import STANDARD
from sharpcli.web.api.answers import MEDIA
from sharpcli.web.endpoints.values import ENHANCE, SCORE, Parameter

FILE = {"type": "string", "format": "binary"}
ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
OPTIONS = {"type": "object", "description": "options of the enhancer, as JSON; or a field options.NAME for each"}
FIGURES = {
    "type": "object",
    "description": "the score of each metric, and with an input its own score and the gain; null: infinite",
    "properties": {name: {"type": "string"} for name in ("convention", "definition", "image")},
    "required": ["convention", "definition", "image"],
    "additionalProperties": {"type": ["number", "null"]},
}
HEALTH = {
    "type": "object",
    "properties": {"status": {"const": "ok"}, "version": {"type": "string"}},
    "required": ["status", "version"],
}
CATALOG = {"type": "object", "description": "what `sharpcli enhancers --json` prints"}

LOGIN = {401: "the user name or the password is missing or wrong"}
REFUSED = {
    403: "the request comes from a page of another site, or names another host",
    404: "there is no such path",
    405: "there is no such method",
}
UNANSWERED = {
    400: "the form is broken, or lacks a file",
    413: "the upload is larger than the server accepts",
    415: "the body is no form",
    422: "an image or a setting is wrong",
    429: "too many requests from this client; see Retry-After",
    500: "a mistake of the server's",
    503: "too many connections; see Retry-After",
    507: "the server's disk is full",
}


def form(files: Mapping[str, str], due: Sequence[str], fields: Mapping[str, Any], **further: Any) -> dict[str, Any]:
    """The body of a request: files with their help, of which some are due, and other fields with their schemas."""
    properties = {name: {**FILE, "description": help} for name, help in files.items()} | dict(fields)
    schema = {"type": "object", "properties": properties, "required": list(due), "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {**schema, **further}}}}}


def with_login(description: dict[str, Any]) -> dict[str, Any]:
    """The description of a server that wants user name and password with every request."""
    schemes = {"basic": {"type": "http", "scheme": "basic"}}
    components = {**description.get("components", {}), "securitySchemes": schemes}
    return {**description, "components": components, "security": [{"basic": []}]}


def errors(codes: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Answers that say what was wrong."""
    content = {"application/json": {"schema": ERROR}}
    return {code: {"description": help, "content": content} for code, help in codes.items()}


def fields(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The schemas of an endpoint's parameters by name."""
    return {parameter.option.name: _field(parameter) for parameter in parameters}


def _field(parameter: Parameter) -> dict[str, Any]:
    declared = parameter.option
    found = {**parameter.schema(), "description": declared.help}
    if declared.min is not None:
        found |= {"minimum": declared.min, "maximum": declared.max}
    return found if parameter.optional else {**found, "default": declared.default}


def json_answer(help: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """A good answer that is JSON."""
    return {"description": help, "content": {"application/json": {"schema": dict(schema)}}}


def enhance_form() -> dict[str, Any]:
    """What `/api/enhance` takes, with the enhancers that are installed."""
    found = fields(ENHANCE)
    found["enhancer"] = {**found["enhancer"], "enum": sorted(load_registry().found)}
    single = {r"^options\.": {"type": "string"}}
    return form({"image": "the image"}, ["image"], {"options": OPTIONS, **found}, patternProperties=single)


def score_form() -> dict[str, Any]:
    """What `/api/score` takes, with the metrics that are installed."""
    metrics = {
        "type": "array",
        "items": {"enum": sorted(load_registry().metrics)},
        "default": [metric.name for metric in STANDARD],
        "description": "names of metrics, a field for each; see `sharpcli metrics`",
    }
    return form(
        {"result": "the image to score", "reference": "its sharp original", "input": "the input before enhancing"},
        ["result", "reference"],
        {**fields(SCORE), "metrics": metrics},
    )


ENHANCED = {
    "description": "the enhanced file, in the format and with the metadata of the image",
    "content": {media: {"schema": FILE} for media in MEDIA.values()},
    "headers": {
        "X-Sharpcli-Milliseconds": {"description": "from file to file", "schema": {"type": "number"}},
        "X-Sharpcli-Size": {"description": "width x height of the image", "schema": {"type": "string"}},
        "X-Sharpcli-Out-Size": {"description": "width x height of the result", "schema": {"type": "string"}},
        "X-Sharpcli-Settings": {"description": "the settings used, as JSON", "schema": {"type": "string"}},
        "X-Sharpcli-Notes": {
            "description": "what was found, or not kept; percent-encoded UTF-8, at most 1000 characters",
            "schema": {"type": "string"},
        },
    },
}
