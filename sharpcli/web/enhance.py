"""The tab Enhance: a picture in, before and after, the file to take home."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from sharpcli.web.edge import named, told
from sharpcli.web.examples import examples
from sharpcli.web.originals import Originals
from sharpcli.web.picture_file import picture_file
from sharpcli.web.widgets import EnhancerChoice
from sharpcli.web.words import effort, figures

if TYPE_CHECKING:
    from sharpcli.web.page import Page

KEPT = 3
"""Results of a visit that stay on the disk: the browser may still be fetching the last but one."""
EMPTY = "Drop a picture, paste one, take one with the camera, or click an example."


def tab(page: Page) -> None:
    """Build the tab; results appear by themselves whenever something is changed."""
    originals, folders = Originals(page), gr.State([])
    with gr.Row(equal_height=False):
        with gr.Column(scale=1, min_width=320):
            source = originals.of(
                picture_file(
                    label="Picture",
                    sources=["upload", "clipboard", "webcam"],
                    height=260,
                    elem_id="enhance-input",
                    webcam_options=gr.WebcamOptions(mirror=False),
                )
            )
            choice = EnhancerChoice()
            upscale = gr.Slider(1, 4, 1, step=0.5, label="Upscale", info="enlarge first, by this", elem_id="upscale")
            strength = gr.Slider(
                0, 1, 1, step=0.05, label="Strength", info="0 the input, 1 the full effect", elem_id="strength"
            )
            with gr.Accordion("I have the sharp original: score the result", open=False, elem_id="enhance-scoring"):
                reference = originals.of(
                    picture_file(
                        label="Reference", sources=["upload", "clipboard"], height=180, elem_id="enhance-reference"
                    )
                )
                convention = gr.Radio(["rgb", "papers"], value="rgb", label="Convention", elem_id="enhance-convention")
        with gr.Column(scale=2, min_width=320):
            slider = gr.ImageSlider(
                label="Before and after",
                type="filepath",
                interactive=False,
                max_height=640,
                buttons=["fullscreen"],
                elem_id="enhance-result",
            )
            status = gr.Markdown(EMPTY, elem_id="enhance-status")
            download = gr.DownloadButton("Download", interactive=False, variant="primary", elem_id="enhance-download")
            examples(page, source, reference)

    @told
    def run(
        request: gr.Request,
        known: dict[str, str],
        folders: list[str],
        given: str | None,
        reference: str | None,
        upscale: float,
        strength: float,
        convention: str,
        *values: Any,
    ) -> list[Any]:
        if given is None:
            return [None, EMPTY, gr.DownloadButton(value=None, interactive=False), folders]
        from sharpcli.pipeline import blend
        from sharpcli.web.preview import write_preview
        from sharpcli.writing import write_picture

        path = originals.path(known, given)
        enhancer = choice.chosen(*values, upscale=upscale).settled()
        folder = page.visits.folder(request)
        file = folder / f"{path.stem}-sharp{path.suffix}"
        with named(path):
            page.limits.check(path, upscale)
            found = page.recent.sharpened(path, enhancer, upscale)
            result = blend(found.before, found.after, strength)
            write_picture(result, file)
        pair = [write_preview(found.before, folder / "before.png"), write_preview(result, folder / "after.png")]
        lines = [effort(enhancer, found)]
        if reference is not None:
            original = originals.path(known, reference)
            with named(original):
                lines.append(figures(found.before, result, original, convention))
        lines += result.notes
        button = gr.DownloadButton(value=str(file), interactive=True)
        return [tuple(map(str, pair)), "\n\n".join(lines), button, _kept(folders, folder)]

    settings = [source, reference, upscale, strength, convention, *choice.inputs]
    gr.on(
        [one.change for one in settings],  # type: ignore[attr-defined]
        run,
        [originals.known, folders, *settings],
        [slider, status, download, folders],
        trigger_mode="always_last",
        concurrency_id="network",
        concurrency_limit=1,
        show_progress_on=[slider],
        api_visibility="private",
    )


def _kept(folders: list[str], latest: Path) -> list[str]:
    """The last few results of a visit; the others are deleted."""
    for old in folders[: -KEPT + 1]:
        shutil.rmtree(old, ignore_errors=True)
    return [*folders[-KEPT + 1 :], str(latest)]
