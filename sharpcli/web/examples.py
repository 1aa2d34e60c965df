"""The example pictures, which come with the program: soft ones, each with its sharp original."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FOLDER = Path(__file__).with_name("pictures")
"""`NAME-soft.jpg` and `NAME.jpg`; made by examples/page_pictures.py."""


def examples(source: gr.Image, reference: gr.Image) -> None:
    """Thumbnails that fill in a picture and its original when they are clicked."""
    pairs = [[str(soft), str(soft.with_name(soft.name.replace("-soft", "")))] for soft in _soft()]
    dataset = gr.Dataset(
        components=[source, reference],
        samples=pairs,
        headers=["blurred", "original"],
        label="Examples",
        elem_id="examples",
    )
    dataset.click(lambda pair: pair, dataset, [source, reference], show_progress="hidden", api_visibility="private")


def _soft() -> list[Path]:
    return sorted(FOLDER.glob("*-soft.jpg"))
