"""The example pictures, which come with the program: soft ones, each with its sharp original."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FOLDER = Path(__file__).with_name("pictures")
"""`NAME-soft.jpg` and `NAME.jpg`; made by examples/page_pictures.py."""


def examples(source: gr.Image, reference: gr.Image) -> None:
    """Thumbnails that fill in a picture and its original when they are clicked."""
    soft = sorted(FOLDER.glob("*-soft.jpg"))
    dataset = gr.Dataset(
        components=[source], samples=[[str(path)] for path in soft], label="Examples", type="index", elem_id="examples"
    )
    dataset.click(
        lambda index: [str(soft[index]), str(soft[index].with_name(soft[index].name.replace("-soft", "")))],
        dataset,
        [source, reference],
        show_progress="hidden",
        api_visibility="private",
        queue=False,
    )
