"""The tab Compare: the same crop of one image from several enhancers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.web.error_handling import report_errors
from sharpcli.web.limits import AT_ONCE
from sharpcli.web.widgets.enhancer_choice import names
from sharpcli.web.widgets.examples import examples
from sharpcli.web.widgets.previews import original, showing
from sharpcli.web.widgets.reference import scoring
from sharpcli.web.widgets.uploads import image_file
from sharpcli.web.widgets.working import NOW, Working, key
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page

TICKED = 2
"""Number of enhancers selected at first; others may be slow."""


def invitation() -> str:
    """What to do first."""
    return say("Upload an image or click an example. Then click in it to move all crops to that point.")


def tab(page: Page) -> None:
    """Build the tab; a changed setting compares again, a click only moves the crops."""
    state = gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=300):
            source = showing(
                page,
                image_file(label=say("Image"), sources=["upload", "clipboard"], height=220, elem_id="compare-input"),
            )
            ticked, others, upscale = _entrants()
            reference, convention = scoring(page, "compare")
            examples(page, source, reference, "compare-examples")
        with gr.Column(scale=3, min_width=320):
            working = Working("compare")
            with gr.Row(visible=False, equal_height=False) as looking:
                with gr.Column(scale=2, min_width=300):
                    where = gr.Image(
                        label=say("Click to choose the position of the crops"),
                        type="filepath",
                        interactive=False,
                        height=260,
                        buttons=[],
                        elem_id="compare-where",
                    )
                with gr.Column(scale=1, min_width=240):
                    side = gr.Slider(
                        16, 512, 160, step=8, label=say("Crop size"), info=say("in pixels"), elem_id="compare-size"
                    )
                    zoom = gr.Slider(
                        1, 8, 2, step=1, label=say("Zoom"), info=say("magnification"), elem_id="compare-zoom"
                    )
                    x, y = _centre()
                    download = gr.DownloadButton(
                        say("Download the sheet"), variant="primary", elem_id="compare-download"
                    )
            crops = gr.HTML(invitation(), elem_id="compare-crops")
            notes = gr.Markdown(elem_id="compare-notes")

    @report_errors(otherwise=lambda message: [gr.skip(), *working.failed(message)])
    def run(
        request: gr.Request,
        at: float,
        kept: Any,
        stopped: Any,
        given: str | None,
        sharp: str | None,
        ticked: list[str],
        others: str,
        upscale: float,
        convention: str,
    ) -> Iterator[list[Any]]:
        if given is None:
            yield [None, *working.over("")]
            return
        from sharpcli.pipeline.spec import EnhancerSpec, distinct
        from sharpcli.web.tasks.compare import compared

        specs = distinct(EnhancerSpec.parse(text) for text in [*ticked, *others.split()])
        asked = original(given), upscale, specs, original(sharp) if sharp else None, convention
        if asked == stopped:
            yield [gr.skip()] * (1 + len(working.outputs))
            return
        if kept and kept.asked == asked:
            yield [gr.skip(), *working.over("")]
            return
        found = compared(page, request, kept, asked, key((given, ticked, others, upscale)), at)
        yield from working.follow(asked, found, [gr.skip()], lambda result: ([result], ""))

    @report_errors
    def move(event: gr.SelectData, kept: Any) -> Any:
        if kept is None:
            return None
        # The input is shown in its own size, the marked image in the size it was drawn.
        came = [edge / kept.comparison.upscale for edge in kept.size]
        return kept.around(event.index, kept.seen if event.target is where else came)

    @report_errors
    def go(kept: Any, x: int | None, y: int | None) -> Any:
        return kept if kept is None or x is None or y is None else kept.around((x, y), kept.size)

    @report_errors
    def show(kept: Any, side: int, zoom: int) -> list[Any]:
        if kept is None:
            return [gr.Row(visible=False), None, invitation(), "", None, None, None]
        from sharpcli.web.tasks.compare import looked

        return looked(kept, side, zoom)

    # What is shown is made of the state as it is then, so that no event has to know what another one has just changed.
    shown = {
        "fn": show,
        "inputs": [state, side, zoom],
        "outputs": [looking, where, crops, notes, download, x, y],
        "show_progress": "hidden",
        "concurrency_id": "look",
        "concurrency_limit": 1,
        "trigger_mode": "always_last",
        "api_visibility": "private",
    }
    texts = [others.submit, others.blur]
    working.connect(page, [source, ticked, others, upscale], [source.change, ticked.change, upscale.change, *texts])
    gr.on(
        [*(one.change for one in (source, reference, ticked, upscale, convention)), *texts, working.again.click],
        run,
        [working.clock, state, working.stopped, source, reference, ticked, others, upscale, convention],
        [state, *working.outputs],
        js=NOW,
        trigger_mode="always_last",
        concurrency_id="network",
        concurrency_limit=AT_ONCE,
        show_progress_on=[crops],
        api_visibility="private",
    ).success(**shown)
    gr.on([source.select, where.select], move, state, state, queue=False, api_visibility="private").success(**shown)
    gr.on([side.change, zoom.change], **shown)
    # Not into the numbers themselves, in which somebody may be typing the next digit.
    typed = shown | {"fn": lambda *values: show(*values)[:-2], "outputs": [looking, where, crops, notes, download]}
    moved: dict[str, Any] = {"trigger_mode": "always_last", "queue": False, "api_visibility": "private"}
    gr.on([x.input, y.input], go, [state, x, y], state, **moved).success(**typed)


def _entrants() -> tuple[gr.CheckboxGroup, gr.Textbox, gr.Slider]:
    """What is compared, and how much is enlarged before."""
    ticked = gr.CheckboxGroup(names(), value=names()[:TICKED], label=say("Enhancers"), elem_id="compare-enhancers")
    others = gr.Textbox(
        label=say("Enhancers with options"),
        info=say("NAME:OPTION=VALUE,OPTION=VALUE, separated by spaces. Press Enter to compare."),
        placeholder="student:profile=x2 student:precision=fp32",
        elem_id="compare-others",
    )
    upscale = gr.Slider(
        1,
        4,
        1,
        step=0.5,
        label=say("Upscale"),
        info=say("factor to enlarge by before enhancing"),
        elem_id="compare-upscale",
    )
    return ticked, others, upscale


def _centre() -> tuple[gr.Number, gr.Number]:
    """What a click does, for who has no pointer."""
    with gr.Row():
        x = _coordinate(say("Crop centre x"), say("pixels from the left"), "compare-x")
        y = _coordinate(say("Crop centre y"), say("pixels from the top"), "compare-y")
    return x, y


def _coordinate(label: str, info: str, elem_id: str) -> gr.Number:
    return gr.Number(label=label, info=info, precision=0, minimum=0, step=8, min_width=100, elem_id=elem_id)
