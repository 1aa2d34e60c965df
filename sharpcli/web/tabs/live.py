"""The tab Live: a camera's frames, sharpened as they arrive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.live.profile import STEADY as PREFERRED
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.plugin.registry import load_registry
from sharpcli.web.edge_files import LIVE, is_built
from sharpcli.web.error_handling import report_errors, sentence
from sharpcli.web.limits import CPU_SHARE, FRAME_SECONDS
from sharpcli.web.tasks.streams import Streams
from sharpcli.web.views.result import device
from sharpcli.web.widgets.enhancer_choice import EnhancerChoice, first_choice
from sharpcli.web.words.say import say
from sharpcli.web.words.scripts import speaking
from sharpcli.web.words.templates import template

if TYPE_CHECKING:
    from sharpcli.web.context import Page

DEFAULT = "student-live"
STEADY = {"profile": PREFERRED}
"""What is preferred of options at first: weights for calls, where the enhancer has such, else for photographs."""
CAMERAS = 2
"""Most cameras at a time: each has one frame in progress, and they share the machine's cores."""
RECORDED = 10
"""Seconds of a recording."""
SIZES = ("640 x 480", "1280 x 720", "1920 x 1080")
VIEW = Path(__file__)


def tab(page: Page) -> None:
    """Build the tab: `live.js` handles camera, figures, snapshots and recordings, one frame at a time.

    Where the browser can, it sharpens them itself; else, and if a visitor so chooses, they are sent to the server.
    gr.Image's own streaming sends on a timer whether or not the last answer has arrived, does not say when a frame
    was captured, and writes each result to a file.
    """
    streams = Streams(CAMERAS)

    def sharpened(sent: dict[str, Any]) -> dict[str, Any]:
        from sharpcli.web.tasks.frames import sharpened_frame

        try:
            with streams.turn(str(sent["stream"])) as kept:
                return sharpened_frame(sent, page.limits, kept)
        except Exception as error:
            return {"error": sentence(error)}

    def left(stream: str) -> None:
        streams.leave(str(stream))

    with gr.Row(equal_height=False, elem_id="live-tab"):
        with gr.Column(min_width=320):
            view = gr.HTML(
                _asked(1, "browser", SIZES[0], True, DEFAULT, _steady(DEFAULT)),
                html_template=template("sharpcli.web.tabs", "live.html.j2").render(seconds=RECORDED),
                **speaking(VIEW.with_suffix(".js")),
                apply_default_css=False,
                server_functions=[sharpened, left],
                elem_id="live",
                seconds=RECORDED,
                cameras=CAMERAS,
                device=device(),
                module=LIVE if is_built() else "",
                allowed=FRAME_SECONDS,
            )
        with gr.Column(min_width=320):
            choice = EnhancerChoice(page.limits, DEFAULT, prefix="live", first=STEADY)
            strength = gr.Slider(
                0,
                MAX_STRENGTH,
                1,
                step=0.05,
                label=say("Strength"),
                info=say("0 = the input, 1 = the result, above 1 = more of the same change"),
                elem_id="live-strength",
            )
            where = gr.Radio(
                [(say("in this browser"), "browser"), (say("on the server"), "server")],
                value="browser",
                label=say("Where"),
                info=say("the browser runs the students itself, and no frame leaves it"),
                elem_id="live-where",
            )
            size = gr.Dropdown(
                list(SIZES),
                value=SIZES[0],
                label=say("Frame size"),
                info=say("requested from the camera, which may deliver another"),
                elem_id="live-size",
            )
            adapt = gr.Checkbox(
                True,
                label=say("Adapt to this machine"),
                info=say(
                    "lighter steps when frames take longer than {milliseconds} ms or more than {share} % of the "
                    "processor",
                    milliseconds=round(FRAME_SECONDS * 1000),
                    share=round(CPU_SHARE * 100),
                ),
                elem_id="live-adapt",
            )

    @report_errors
    def chosen(strength: float, where: str, size: str, adapt: bool, *values: Any) -> dict[str, Any]:
        enhancer = choice.chosen(*values)
        names = [one.name for one in enhancer.options() if one.kind != "path" or page.limits.paths]
        options = {name: getattr(enhancer, name) for name in names}
        return _asked(strength, where, size, adapt, enhancer.name, options)

    settings = [strength, where, size, adapt, *choice.inputs]
    gr.on(
        [one.change for one in settings],  # type: ignore[attr-defined]
        chosen,
        settings,
        view,
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
        queue=False,
    )


def _steady(name: str) -> dict[str, str]:
    """The options that are shown at first of an enhancer, where it is installed, and are not its defaults."""
    found = load_registry().found
    declared = found[name].enhancer.options() if name in found else ()
    return {one.name: choice for one in declared if (choice := first_choice(one, STEADY.get(one.name, ())))}


def _asked(
    strength: float, where: str, size: str, adapt: bool, enhancer: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The settings as `live.js` uses them."""
    width, height = map(int, size.split(" x "))
    frame = {"width": width, "height": height}
    chosen = {"enhancer": enhancer, "options": dict(options), "strength": strength, "adapt": adapt}
    return {**frame, "where": where, **chosen}
