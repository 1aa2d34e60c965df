"""The tab Enhance: sharpen one image, compare before and after, download the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.web.error_handling import report_errors
from sharpcli.web.limits import AT_ONCE
from sharpcli.web.widgets.examples import examples
from sharpcli.web.widgets.previews import showing
from sharpcli.web.widgets.reference import scoring
from sharpcli.web.widgets.settings import Settings, place
from sharpcli.web.widgets.uploads import image_file
from sharpcli.web.widgets.viewer import viewer
from sharpcli.web.widgets.working import NOW, Working
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def invitation() -> str:
    """What to do first."""
    return say("Upload or paste an image, take a photo, or click an example.")


def tab(page: Page) -> None:
    """Build the tab; results appear by themselves whenever something is changed."""
    shown = gr.State(None)
    form = Settings(page.limits, "enhance")
    choice, upscale, strength, format = form.choice, form.upscale, form.strength, form.format
    with gr.Row(equal_height=False, elem_id="enhance"):
        with gr.Column(min_width=320):
            source = showing(
                page,
                image_file(
                    label=say("Image"),
                    sources=["upload", "clipboard", "webcam"],
                    height=260,
                    elem_id="enhance-input",
                    webcam_options=gr.WebcamOptions(mirror=False),
                ),
            )
            place(form.preset)
        with gr.Column(min_width=320):
            result_view = viewer(page, "enhance-result")
            working = Working("enhance", invitation())
        with gr.Column(min_width=320):
            place(strength)
            download = gr.DownloadButton(
                say("Download"), interactive=False, variant="primary", elem_id="enhance-download"
            )
            place(form.more)
            reference, convention = scoring(page, "enhance")
            examples(page, source, reference)

    outputs = [result_view, download, shown, *working.outputs]
    # Updates: a button made here would be one of the page's.
    skip, off = gr.skip(), gr.update(interactive=False)
    none = [None, gr.update(value=None, interactive=False), skip]

    @report_errors(otherwise=lambda message: [*none, *working.failed(message)])
    def run(
        request: gr.Request,
        at: float,
        before: Any,
        stopped: Any,
        given: str | None,
        reference: str | None,
        upscale: float,
        strength: float,
        format: str,
        convention: str,
        *values: Any,
    ) -> Iterator[list[Any]]:
        from sharpcli.web.tasks.enhance import Asked, Result, Shown, steps

        before = before or Shown()
        asked = Asked(given, reference, upscale, strength, format, convention, values)
        if asked in (before.asked, stopped):
            yield [skip] * len(outputs)
            return
        # What can be downloaded is no longer what is asked for, whatever becomes of this.
        yield [skip, off, Shown(folders=before.folders), *[skip] * len(working.outputs)]
        if given is None:
            yield [*none, *working.over(invitation())]
            return

        def ended(result: Result) -> tuple[list[Any], str]:
            button = gr.DownloadButton(value=str(result.file), interactive=True)
            return [result.seen, button, result.shown], result.text

        found = steps(page, request, asked, lambda: choice.chosen(*values, upscale=upscale), before, at)
        yield from working.follow(asked, found, [skip, off, skip], ended)

    settings = [source, reference, upscale, strength, format, convention, *choice.inputs]
    work = [source, upscale, *choice.inputs]
    working.connect(page, work, [source.change, form.changed])
    gr.on(
        [source.change, reference.change, convention.change, form.changed, working.again.click],
        run,
        [working.clock, shown, working.stopped, *settings],
        outputs,
        js=NOW,
        trigger_mode="always_last",
        concurrency_id="network",
        concurrency_limit=AT_ONCE,
        show_progress="hidden",
        api_visibility="private",
    )
    # At once, whatever the page is busy with.
    source.upload(None, None, working.status, js='() => "' + say("Sharpening…") + '"', api_visibility="private")
    # Another image of one's own has another original than an example had.
    for end in (source.upload, source.clear):
        end(lambda: None, None, reference, show_progress="hidden", queue=False, api_visibility="private")
