"""Any number of files that a visitor drops, handed on as they came."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.data_classes import ListFiles


def many_files(**settings: Any) -> gr.File:
    """A gr.File of any number of files, whose value is their paths, or None."""
    component = gr.File(file_count="multiple", **settings)
    # Gradio's own would leave an empty file behind for each.
    component.preprocess = _paths  # type: ignore[method-assign, assignment]
    return component


def _paths(payload: ListFiles | None) -> list[str] | None:
    return [file.path for file in payload] if payload else None
