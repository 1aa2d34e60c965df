"""What is made of an image: a row of presets, the strength, and behind them all other settings, kept by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.web.presets import CUSTOM, offered
from sharpcli.web.widgets.enhancer_choice import EnhancerChoice, format_choices, names
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.limits import Limits

MOST = 4
"""Largest factor to enlarge by that is offered."""
# Queued, since otherwise Gradio tells nobody that a state has changed.
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


class Settings:
    """The widgets, of which the tab has to `place` three: `preset`, `strength` and `more`.

    `upscale`, `strength`, `format` and `choice.inputs` are what an event needs that works with the settings. `changed`
    is its trigger, once for each thing that a visitor does, however many widgets it sets.
    """

    def __init__(self, limits: Limits, prefix: str) -> None:
        self._offered = {preset.name: (preset, choice) for preset, choice in offered().items()}
        self.strength = gr.Slider(
            0,
            MAX_STRENGTH,
            1,
            step=0.05,
            label=say("Strength"),
            info=say("0 = the input, 1 = the result, above 1 = more of the same change"),
            elem_id=f"{prefix}-strength",
            render=False,
        )
        with gr.Accordion(say("More settings"), open=False, elem_id=f"{prefix}-more", render=False) as self.more:
            self.choice = EnhancerChoice(limits, prefix=prefix)
            self.upscale = gr.Slider(
                1,
                MOST,
                1,
                step=0.5,
                label=say("Upscale"),
                info=say("factor to enlarge by before enhancing"),
                elem_id=f"{prefix}-upscale",
            )
            self.format = gr.Dropdown(
                format_choices(),
                value="",
                label=say("Output format"),
                info=say("HEIC becomes JPEG"),
                elem_id=f"{prefix}-format",
            )
        start = self._matching(1, *self.choice.read(*(one.value for one in self.choice.inputs)))
        self.preset = gr.Radio(
            [*((preset.words()[0], name) for name, (preset, _) in self._offered.items()), (say("Custom"), CUSTOM)],
            value=start,
            label=say("Preset"),
            info=self._about(start),
            elem_id=f"{prefix}-preset",
            elem_classes="presets",
            render=False,
        )
        self._connect(prefix)

    def _connect(self, prefix: str) -> None:
        # Not in the accordion: while that is closed, the browser has nothing of what is in it. Nothing secret is kept.
        memory = gr.BrowserState(storage_key=f"sharpcli-{prefix}", secret="sharpcli")
        recalled, set_to = gr.State(False), gr.State(None)
        self.changed = set_to.change
        widgets: list[Any] = [self.strength, self.format, self.upscale, *self.choice.inputs]
        self.preset.input(
            self.apply,
            [self.preset, *widgets[:2]],
            [self.preset, set_to, memory, recalled, self.more, *widgets[2:]],
            **QUIET,
        )
        gr.on(
            # A slider's own button back to the start is a release, and no input.
            [*(one.input for one in widgets), *(one.release for one in widgets if isinstance(one, gr.Slider))],
            self.touched,
            widgets,
            [self.preset, set_to, memory, recalled],
            trigger_mode="always_last",
            # Gradio sends a choice twice, and would not see in the second that the first has changed the state.
            concurrency_limit=1,
            **QUIET,
        )
        # When the browser shows the tab it reads what it keeps, which is a change; so is what is written later.
        memory.change(self.recall, [memory, recalled], [recalled, self.preset, *widgets], **QUIET)

    def _about(self, name: str) -> str:
        return self._offered[name][0].words()[1] if name in self._offered else say("As set under More settings.")

    def _matching(self, upscale: float, enhancer: str, options: Mapping[str, Any]) -> str:
        """The preset that sets these values, or `CUSTOM`."""
        for preset, choice in self._offered.values():
            same = (choice.enhancer, choice.upscale) == (enhancer, upscale)
            if same and self.choice.starting(enhancer) | dict(choice.options) == options:
                return preset.name
        return CUSTOM

    def _outcome(
        self, strength: float, format: str, upscale: float, enhancer: str, options: Mapping[str, Any]
    ) -> list[Any]:
        """The preset that is marked, all that is set, what the browser keeps of that, and that it need not be asked."""
        name = self._matching(upscale, enhancer, options)
        found = {"strength": strength, "format": format, "upscale": upscale, "enhancer": enhancer, "options": options}
        kept = found | {"options": self.choice.fitting(enhancer, options)}
        return [gr.Radio(value=name, info=self._about(name)), found, kept, True]

    def apply(self, name: str, strength: float, format: str) -> list[Any]:
        """What a click on a preset sets; on `CUSTOM`, nothing, but all that can be set is shown."""
        if name not in self._offered:
            untouched = [gr.skip()] * (1 + len(self.choice.inputs))
            return [gr.Radio(info=self._about(name)), *[gr.skip()] * 3, gr.Accordion(open=True), *untouched]
        choice = self._offered[name][1]
        options = self.choice.starting(choice.enhancer) | dict(choice.options)
        outcome = self._outcome(strength, format, choice.upscale, choice.enhancer, options)
        return [*outcome, gr.skip(), choice.upscale, *self.choice.setting(choice.enhancer, options)]

    def touched(self, strength: float, format: str, upscale: float, *values: Any) -> list[Any]:
        """What follows from settings that were changed one by one."""
        return self._outcome(strength, format, upscale, *self.choice.read(*values))

    def recall(self, kept: Any, recalled: bool) -> list[Any]:
        """What the browser kept, once; what does not fit any more, such as an enhancer that is gone, is left out."""
        if recalled or not isinstance(kept, dict):
            return [True, gr.skip(), *[gr.skip()] * (3 + len(self.choice.inputs))]
        strength, format = _within(kept.get("strength"), 0, MAX_STRENGTH), kept.get("format")
        format = format if format in [value for _, value in format_choices()] else ""
        enhancer, options = kept.get("enhancer"), kept.get("options")
        if enhancer not in names() or not isinstance(options, dict):
            return [True, gr.skip(), strength, format, *[gr.skip()] * (1 + len(self.choice.inputs))]
        upscale = _within(kept.get("upscale"), 1, MOST)
        options = self.choice.starting(enhancer) | self.choice.fitting(enhancer, options)
        name = self._matching(upscale, enhancer, options)
        shown = gr.Radio(value=name, info=self._about(name))
        return [True, shown, strength, format, upscale, *self.choice.setting(enhancer, options)]


def place(*parts: gr.Radio | gr.Slider | gr.Accordion) -> None:
    """Show parts of the settings here."""
    for part in parts:
        part.render()  # type: ignore[no-untyped-call]


def _within(value: Any, least: float, most: float) -> float:
    """A number that was kept, 1 where it is none or out of bounds."""
    return value if isinstance(value, (int, float)) and least <= value <= most else 1
