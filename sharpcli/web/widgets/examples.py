"""The example images, which come with the program: soft ones, each with its sharp original."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from sharpcli.web.words.say import say

if TYPE_CHECKING:
    from sharpcli.web.context import Page

FOLDER = Path(__file__).parents[1] / "examples"
"""`NAME-soft.jpg` and `NAME.jpg`; made by examples/page_images.py."""


def examples(page: Page, source: gr.Image, reference: gr.Image, elem_id: str = "examples") -> None:
    """Thumbnails that fill in an image and its original when they are clicked."""
    # Copies, for a page shows only what lies among its visitors' files.
    pairs = [
        [str(page.visits.keep(path)) for path in (soft, soft.with_name(soft.name.replace("-soft", "")))]
        for soft in sorted(FOLDER.glob("*-soft.jpg"))
    ]
    dataset = gr.Dataset(
        components=[source], samples=[[soft] for soft, _ in pairs], label=say("Examples"), type="index", elem_id=elem_id
    )
    dataset.click(
        lambda index: pairs[index],
        dataset,
        [source, reference],
        show_progress="hidden",
        api_visibility="private",
        queue=False,
    )
