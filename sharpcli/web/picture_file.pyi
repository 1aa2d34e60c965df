"""A picture that a visitor drops, pastes or takes, handed on as the very file."""

from __future__ import annotations

import gradio as gr
from gradio.data_classes import ImageData

from sharpcli.errors import SharpError

class PictureFile(gr.Image):
    """gr.Image whose value is the path of the file as it came: Gradio would open it, and may write it anew."""

    is_template = True  # the browser knows it as an image

    def preprocess(self, payload: ImageData | None) -> str | None:
        """The path, whatever the file holds: reading it is the pipeline's business, which says what is wrong."""
        if payload is None:
            return None
        if payload.path is None:
            raise SharpError("a picture comes as a file")
        return str(payload.path)
    from typing import Callable, Literal, Sequence, Any, TYPE_CHECKING
    from gradio.blocks import Block

    if TYPE_CHECKING:
        from gradio.components import Timer
        from gradio.components.base import Component
