"""A picture that a visitor drops, pastes or takes, handed on as the very file."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData

from sharpcli.errors import SharpError


def picture_file(**settings: Any) -> gr.Image:
    """A gr.Image whose value is the path of the file as it came: Gradio would open it, and may write it anew."""
    component = gr.Image(type="filepath", image_mode=None, **settings)
    # Of this one object: for a class derived from it, Gradio would write a file beside our source.
    component.preprocess = _path  # type: ignore[method-assign]
    return component


def _path(payload: ImageData | None) -> str | None:
    """The path, whatever the file holds: reading it is the pipeline's business, which says what is wrong."""
    if payload is None:
        return None
    if payload.path is None:
        raise SharpError("a picture comes as a file")
    return str(payload.path)
