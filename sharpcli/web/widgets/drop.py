"""The whole page as an upload area."""

from __future__ import annotations

from pathlib import Path

import gradio as gr


def drop_anywhere() -> None:
    """Let `drop.js` hand a file that is dropped beside an upload area to the input of the tab in sight."""
    gr.HTML(visible="hidden", js_on_load=Path(__file__).with_suffix(".js").read_text("utf-8"))
