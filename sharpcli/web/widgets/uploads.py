"""Files that a visitor drops, pastes or takes, handed on as the very files."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.data_classes import ImageData, ListFiles

from sharpcli.errors import SharpError
from sharpcli.web.words.say import say


def image_file(**settings: Any) -> gr.Image:
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
        raise SharpError(say("upload the image as a file"))
    return str(payload.path)


def many_files(**settings: Any) -> gr.File:
    """A gr.File of any number of files, whose value is their paths, or None."""
    component = gr.File(file_count="multiple", **settings)
    # Gradio's own would leave an empty file behind for each.
    component.preprocess = _paths  # type: ignore[method-assign, assignment]
    return component


def _paths(payload: ListFiles | None) -> list[str] | None:
    return [file.path for file in payload] if payload else None
