"""The tab Enhance: sharpen one image, compare before and after, download the result."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.files.formats import result_format
from sharpcli.pipeline.strength import MAX_STRENGTH
from sharpcli.web.error_handling import named, report_errors
from sharpcli.web.views.result import effort, plain, scores
from sharpcli.web.widgets.enhancer_choice import FORMAT_CHOICES, EnhancerChoice
from sharpcli.web.widgets.examples import examples
from sharpcli.web.widgets.previews import original, showing
from sharpcli.web.widgets.uploads import image_file

if TYPE_CHECKING:
    from sharpcli.web.context import Page

RESULTS_KEPT = 3
"""Results of a visit that stay on the disk: the browser may still be fetching the last but one."""
INVITATION = "Upload or paste an image, take a photo, or click an example."


def tab(page: Page) -> None:
    """Build the tab; results appear by themselves whenever something is changed."""
    folders = gr.State([])
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=320):
            source = showing(
                page,
                image_file(
                    label="Image",
                    sources=["upload", "clipboard", "webcam"],
                    height=260,
                    elem_id="enhance-input",
                    webcam_options=gr.WebcamOptions(mirror=False),
                ),
            )
            choice = EnhancerChoice(page.limits)
            upscale = gr.Slider(
                1, 4, 1, step=0.5, label="Upscale", info="factor to enlarge by before enhancing", elem_id="upscale"
            )
            strength = gr.Slider(
                0,
                MAX_STRENGTH,
                1,
                step=0.05,
                label="Strength",
                info="0 = the input, 1 = the result, above 1 = more of the same change",
                elem_id="strength",
            )
            format = gr.Dropdown(FORMAT_CHOICES, value="", label="Output format", elem_id="enhance-format")
            with gr.Accordion("Score against a sharp original", open=False, elem_id="enhance-scoring"):
                reference = showing(
                    page,
                    image_file(
                        label="Reference", sources=["upload", "clipboard"], height=180, elem_id="enhance-reference"
                    ),
                )
                convention = gr.Radio(["rgb", "y"], value="rgb", label="Convention", elem_id="enhance-convention")
        with gr.Column(scale=2, min_width=320):
            slider = gr.ImageSlider(
                label="Before and after",
                type="filepath",
                interactive=False,
                max_height=640,
                buttons=["fullscreen"],
                elem_id="enhance-result",
            )
            status = gr.Markdown(INVITATION, elem_id="enhance-status")
            download = gr.DownloadButton("Download", interactive=False, variant="primary", elem_id="enhance-download")
            examples(page, source, reference)

    def nothing(message: str = "") -> list[Any]:
        return [None, message, gr.DownloadButton(value=None, interactive=False), gr.skip()]

    @report_errors(otherwise=nothing)
    def run(
        request: gr.Request,
        folders: list[str],
        given: str | None,
        reference: str | None,
        upscale: float,
        strength: float,
        format: str,
        convention: str,
        *values: Any,
    ) -> list[Any]:
        if given is None:
            return nothing(INVITATION)
        from sharpcli.image.write import write_image
        from sharpcli.pipeline.guard import for_this_machine
        from sharpcli.pipeline.run import blend
        from sharpcli.web.widgets.previews import write_preview

        path = original(given)
        enhancer = for_this_machine(choice.chosen(*values, upscale=upscale))
        with named(path), page.visits.filled(request) as folder:
            page.limits.check(path, upscale)
            found = page.recent.sharpened(path, enhancer, upscale)
            result = blend(found.before, found.after, strength)
            ending = result_format(path, format)
            file = folder / f"{path.stem}-sharp{f'.{ending}' if ending else path.suffix}"
            lost = write_image(result, file)
            after = write_preview(result, folder / "after.png")
            before = path.with_name(f"{path.name}-before-{upscale:g}.png")
            if not before.is_file():  # the same for every strength, and large
                write_preview(found.before, before)
        lines = [effort(enhancer, found)]
        if reference is not None:
            lines.append(scores(found.before, result, original(reference), convention, page.limits))
        lines += map(plain, (*result.notes, *lost))
        button = gr.DownloadButton(value=str(file), interactive=True)
        return [(str(before), str(after)), "\n\n".join(lines), button, _kept(folders, folder)]

    settings = [source, reference, upscale, strength, format, convention, *choice.inputs]
    gr.on(
        [one.change for one in settings],  # type: ignore[attr-defined]
        run,
        [folders, *settings],
        [slider, status, download, folders],
        trigger_mode="always_last",
        concurrency_id="network",
        concurrency_limit=1,
        show_progress_on=[slider],
        api_visibility="private",
    )
    # Another image of one's own has another original than an example had.
    for end in (source.upload, source.clear):
        end(lambda: None, None, reference, show_progress="hidden", queue=False, api_visibility="private")


def _kept(folders: list[str], latest: Path) -> list[str]:
    """The last few results of a visit; the others are deleted."""
    for old in folders[: -RESULTS_KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return [*folders[-RESULTS_KEPT + 1 :], str(latest)]
