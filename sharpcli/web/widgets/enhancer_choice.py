"""The choice of an enhancer and the widgets of its options, made from what it declares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import gradio as gr
from gradio.components import Component

from sharpcli.errors import SharpError
from sharpcli.files.formats import TABLE
from sharpcli.plugin.enhancer import Enhancer, Option
from sharpcli.plugin.registry import load_registry
from sharpcli.web.limits import Limits
from sharpcli.web.words.say import say, say_known


def format_choices() -> list[tuple[str, str]]:
    """Output formats as (label, extension) choices of a dropdown."""
    return [(say("same as input"), ""), *((format.name, format.endings[0]) for format in TABLE.values())]


def names() -> list[str]:
    """The installed enhancers, the most used ones first."""
    first = ("student", "student-live", "teacher", "bicubic")
    found = load_registry().found
    return [name for name in first if name in found] + sorted(set(found) - set(first))


def widget(declared: Option, paths: bool = True, preferred: Sequence[str] = ()) -> Component:
    """A switch, a choice, a slider, a number or a text, as the option's type and bounds ask for.

    The first of `preferred` that is a choice is chosen at first, instead of the default. Without `paths`, an option
    that names a file on the server is read-only, and the operator's value is not shown.
    """
    settings = {"label": declared.name, "info": say_known(declared.help), "value": declared.default}
    if declared.kind == "path" and not paths:
        return gr.Textbox(
            **settings | {"value": "", "placeholder": say("set by the operator of this page")}, interactive=False
        )
    if isinstance(declared.default, bool):
        return gr.Checkbox(**settings)
    if declared.choices:
        choices = [(choice, choice) for choice in declared.choices]
        if exact := [choice for choice in declared.choices if re.fullmatch(r"x\d+", choice)]:
            # What the pipeline picks by itself must not look like a choice that was made.
            unset = say(
                "{default}, or {exact} when upscaling by that factor", default=declared.default, exact=" / ".join(exact)
            )
            choices.insert(0, (unset, ""))
            settings["value"] = ""
        if wanted := first_choice(declared, preferred):
            settings["value"] = wanted
        return gr.Dropdown(choices, **settings)
    if isinstance(declared.default, str):
        return gr.Textbox(**settings)
    whole = isinstance(declared.default, int)
    if declared.min is not None and declared.max is not None:
        step = 1 if whole else (declared.max - declared.min) / 100
        return gr.Slider(declared.min, declared.max, step=step, **settings)
    return gr.Number(minimum=declared.min, maximum=declared.max, precision=0 if whole else None, **settings)


def first_choice(declared: Option, preferred: Sequence[str]) -> str | None:
    """The first of the preferred values that the option has as a choice."""
    return next((choice for choice in preferred if choice in declared.choices), None)


@dataclass(frozen=True)
class _Field:
    """The widget of an enhancer's option: whose it is, what it declares, and what the widget says at first."""

    enhancer: str
    declared: Option
    start: Any

    def fits(self, value: Any) -> bool:
        """Whether a value that came from elsewhere may be shown; a path may not, since it names a file here."""
        if self.declared.kind == "path":
            return False
        try:
            self.declared.check(self.declared.parse(value))
        except SharpError:
            return bool(value == self.start)
        return True


class EnhancerChoice:
    """A dropdown of the enhancers, and below it the options of the chosen one; `inputs` are what an event needs."""

    def __init__(
        self,
        limits: Limits,
        default: str = "student",
        prefix: str = "enhance",
        first: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """`first` has what is preferred of options, by name, to be shown at first instead of their defaults."""
        self._limits = limits
        found = load_registry().found
        self.name = gr.Dropdown(
            names(),
            value=default if default in found else None,
            label=say("Enhancer"),
            info=say_known(found[default].enhancer.summary) if default in found else None,
            elem_id=f"{prefix}-enhancer",
        )
        self._fields: list[_Field] = []
        groups: dict[str, gr.Column] = {}
        self.inputs: list[Component] = [self.name]
        for name in names():
            with gr.Column(
                visible=name == default, elem_id=f"{prefix}-options-{name}", elem_classes="options"
            ) as groups[name]:
                for declared in found[name].enhancer.options():
                    made = widget(declared, limits.paths, first.get(declared.name, ()))
                    self.inputs.append(made)
                    self._fields.append(_Field(name, declared, made.value))
        self.name.change(
            lambda chosen: [
                gr.Dropdown(info=say_known(found[chosen].enhancer.summary)),
                *(gr.Column(visible=name == chosen) for name in groups),
            ],
            self.name,
            [self.name, *groups.values()],
            show_progress="hidden",
            api_visibility="private",
            queue=False,
        )

    def chosen(self, *values: Any, upscale: float = 1) -> Enhancer:
        """The enhancer that the values of `inputs` stand for; raises SharpError."""
        name, options = self.read(*values)
        left = {one.declared.name for one in self._of(name) if one.declared.choices or one.declared.kind == "path"}
        given = {option: value for option, value in options.items() if value or option not in left}
        return self._limits.create(name, given, upscale)

    def read(self, name: str, *values: Any) -> tuple[str, dict[str, Any]]:
        """The enhancer that the values of `inputs` name, and what the widgets of its options say."""
        pairs = zip(self._fields, values, strict=True)
        return name, {field.declared.name: value for field, value in pairs if field.enhancer == name}

    def starting(self, name: str) -> dict[str, Any]:
        """What the widgets of an enhancer's options say at first."""
        return {field.declared.name: field.start for field in self._of(name)}

    def fitting(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Those of the options that the enhancer has and allows, but for paths of files."""
        known = {field.declared.name: field for field in self._of(name)}
        return {option: value for option, value in options.items() if option in known and known[option].fits(value)}

    def setting(self, name: str, options: Mapping[str, Any]) -> list[Any]:
        """What sets `inputs` to an enhancer and these options of it, and its others to what they are at first."""
        values = self.starting(name) | dict(options)
        return [name, *(values[one.declared.name] if one.enhancer == name else gr.skip() for one in self._fields)]

    def _of(self, name: str) -> list[_Field]:
        return [field for field in self._fields if field.enhancer == name]
