"""The sharp original of an image, against which its results are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from sharpcli.web.widgets.previews import showing
from sharpcli.web.widgets.uploads import image_file
from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page


def scoring(page: Page, prefix: str) -> tuple[gr.Image, gr.Radio]:
    """A closed part of a tab with the reference and the convention of the scores."""
    with gr.Accordion(say("Score against a sharp original"), open=False, elem_id=f"{prefix}-scoring"):
        upload = image_file(
            label=say("Reference"), sources=["upload", "clipboard"], height=180, elem_id=f"{prefix}-reference"
        )
        reference = showing(page, upload)
        convention = gr.Radio(["rgb", "y"], value="rgb", label=say("Convention"), elem_id=f"{prefix}-convention")
    return reference, convention
